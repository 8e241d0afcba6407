// The question before what was typed is lost, of whatever form it is.
import { useAsked } from './base/unsaved';
import { makeWords } from './base/text';
import { ConfirmDialog } from './parts/dialog';

const useText = makeWords({
  en: {
    title: 'Leave without saving?',
    text: 'What you have typed will be lost.',
    leave: 'Leave',
  },
  ko: {
    title: '저장하지 않고 나갈까요?',
    text: '입력한 내용이 사라집니다.',
    leave: '나가기',
  },
});

export function LeaveDialog() {
  const t = useText();
  const { asked, stay, leave } = useAsked();
  return (
    <ConfirmDialog title={t('title')} open={asked} onClose={stay} action={t('leave')} onConfirm={async () => leave()}>
      <p>{t('text')}</p>
    </ConfirmDialog>
  );
}
