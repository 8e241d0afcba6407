import type { ReactNode } from 'react';
import { useLanguage } from '../../../base/text';
import { fullTime, wholeNumber } from '../../../base/time';
import { CopyButton } from '../../../parts/copy_button';
import { Dialog } from '../../../parts/dialog';
import { prettyJson } from '../../../parts/json_editor';
import { wholeMs } from '../metrics/formats';
import type { UsageRow } from './usage';
import { useUsageText } from './words';

interface Props {
  row: UsageRow | null; // null: closed
  names: ReadonlyMap<string, string>;
  onClose: () => void;
}

export function RequestDetails({ row, names, onClose }: Props) {
  const t = useUsageText();
  return (
    <Dialog title={t('details')} open={row !== null} onClose={onClose}>
      {row && <Facts row={row} entity={row.served_entity_id ? (names.get(row.served_entity_id) ?? row.served_entity_id) : '–'} />}
    </Dialog>
  );
}

function Facts({ row, entity }: { row: UsageRow; entity: string }) {
  const t = useUsageText();
  const { language } = useLanguage();
  const count = (value: number | null) => (value === null ? '–' : wholeNumber(value, language));
  const facts: [string, ReactNode][] = [
    [t('time'), fullTime(row.request_time, language)],
    [t('requester'), <bdi>{row.requester}</bdi>],
    [t('entity'), <bdi>{entity}</bdi>],
    [t('status'), row.status_code],
    [t('streaming'), t(row.request_streaming ? 'yes' : 'no')],
    [t('latency'), wholeMs(row.latency_ms, language)],
    [t('firstByte'), wholeMs(row.time_to_first_byte_ms, language)],
    [t('input'), count(row.input_token_count)],
    [t('cached'), count(row.cached_input_token_count)],
    [t('output'), count(row.output_token_count)],
    [t('reasoning'), count(row.reasoning_output_token_count)],
    [t('requestId'), <WithCopy text={row.databricks_request_id} label={t('requestId')} />],
    [t('clientRequestId'), row.client_request_id ? <WithCopy text={row.client_request_id} label={t('clientRequestId')} /> : '–'],
    [t('context'), row.usage_context ? <ContextText context={row.usage_context} /> : '–'],
  ];
  return (
    <dl className="facts">
      {facts.map(([name, value]) => (
        <div key={name} className="usage-fact">
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function WithCopy({ text, label }: { text: string; label: string }) {
  return (
    <>
      <bdi>{text}</bdi> <CopyButton text={text} label={label} />
    </>
  );
}

function ContextText({ context }: { context: Record<string, string> | string }) {
  return <pre className="usage-context">{typeof context === 'string' ? context : prettyJson(context)}</pre>;
}
