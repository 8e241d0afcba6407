import { useMemo } from 'react';
import { makeWords } from '../../base/text';
import type { EndpointConfig } from '../../base/types';
import { JsonDiff } from '../../parts/diff';
import { comparedConfig, sameConfig } from './config_diff';

const useText = makeWords({
  en: { same: 'No visible difference. Secrets that were given as plain text are never shown.' },
  ko: { same: '보이는 차이가 없습니다. 일반 텍스트로 입력한 비밀은 표시되지 않습니다.' },
});

interface Props {
  label: string;
  before: EndpointConfig | undefined; // undefined: there was none
  after: EndpointConfig | undefined;
}

export function ConfigChanges({ label, before, after }: Props) {
  const t = useText();
  const [left, right] = useMemo(() => [comparedConfig(before) ?? {}, comparedConfig(after) ?? {}], [before, after]);
  if (sameConfig(before, after)) return <p className="muted">{t('same')}</p>;
  return (
    <div className="endpoint-diff">
      <JsonDiff label={label} before={left} after={right} />
    </div>
  );
}
