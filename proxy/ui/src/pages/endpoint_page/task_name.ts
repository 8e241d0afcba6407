import { makeWords } from '../../base/text';

const useText = makeWords({
  en: { 'llm/v1/chat': 'Chat', 'llm/v1/completions': 'Completions', 'llm/v1/embeddings': 'Embeddings' },
  ko: { 'llm/v1/chat': '채팅', 'llm/v1/completions': '완료', 'llm/v1/embeddings': '임베딩' },
});

/** The name of a task; one that the page does not know is shown as it is. */
export function useTaskName(): (task: string | undefined) => string {
  const t = useText();
  return (task) => (task ? t(task as 'llm/v1/chat') : '–');
}
