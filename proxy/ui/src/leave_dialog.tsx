// The question before what was typed is lost, of whatever form it is.
import { useAsked } from './base/unsaved';
import { makeWords } from './base/text';
import { ConfirmDialog } from './parts/dialog';

const useText = makeWords({
  en: {
    leaveTitle: 'Leave without saving?',
    leave: 'Leave',
    closeTitle: 'Close without saving?',
    close: 'Close without saving',
    replaceTitle: 'Replace what you typed?',
    replace: 'Replace',
    typed: 'What you have typed will be lost.',
    conversation: 'This conversation is kept nowhere else: it will be lost. “Copy as JSON” keeps it.',
  },
  ko: {
    leaveTitle: '저장하지 않고 나갈까요?',
    leave: '나가기',
    closeTitle: '저장하지 않고 닫을까요?',
    close: '저장하지 않고 닫기',
    replaceTitle: '입력한 내용을 바꿀까요?',
    replace: '바꾸기',
    typed: '입력한 내용이 사라집니다.',
    conversation: '이 대화는 다른 곳에 저장되지 않으므로 사라집니다. ‘JSON으로 복사’로 보관할 수 있습니다.',
  },
});

export function LeaveDialog() {
  const t = useText();
  const { asked, step, what, stay, leave } = useAsked();
  return (
    <ConfirmDialog
      title={t(`${step}Title`)}
      open={asked}
      onClose={stay}
      action={t(step)}
      onConfirm={async () => leave()}
    >
      <p>{t(what)}</p>
    </ConfirmDialog>
  );
}
