import { makeWords } from '../base/text';
import { LinkButton } from '../parts/button';
import { Empty } from '../parts/states';

const useText = makeWords({
  en: { title: 'There is no page at this address.', back: 'To the serving endpoints' },
  ko: { title: '이 주소에는 페이지가 없습니다.', back: '서비스 엔드포인트로 이동' },
});

export function NotFound() {
  const t = useText();
  return (
    <Empty title={t('title')}>
      <LinkButton to="/ml/endpoints">{t('back')}</LinkButton>
    </Empty>
  );
}
