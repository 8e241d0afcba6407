// Edits one part of the ai_gateway block, as it is on the gateway at the moment.
import { useId, useMemo, useState, type FormEvent } from 'react';
import { useQuery } from '@tanstack/react-query';
import type { AiGateway } from '../../../base/types';
import { RateLimitEditor, type RowMessage } from '../../../gateway/rate_limit_editor';
import { draftOf, faultsOf, hasFaults, limitsOf, rowOfMessage, type LimitsDraft } from '../../../gateway/rate_limits';
import { Button } from '../../../parts/button';
import { CancelButton, Dialog, useTouch } from '../../../parts/dialog';
import { Switch } from '../../../parts/field';
import { ErrorNote, Failed, Loading, useErrorText } from '../../../parts/states';
import { useToast } from '../../../parts/toast';
import { lacksTokenLimits, withLimits, withUsageTracking } from './gateway_block';
import { fetchGateway } from './use_gateway';
import { useGatewayText } from './words';

export type Editable = 'usage' | 'limits';
type Change = (how: (block: AiGateway) => AiGateway) => Promise<void>;

interface Props {
  name: string; // of the endpoint
  feature: Editable;
  open: boolean;
  onClose: () => void;
  change: Change;
}

export function EditDialog({ name, feature, open, onClose, change }: Props) {
  const t = useGatewayText();
  return (
    <Dialog title={t(feature)} open={open} onClose={onClose} size={feature === 'limits' ? 'large' : 'small'}>
      {open && <FreshBlock {...{ name, feature, onClose, change }} />}
    </Dialog>
  );
}

function FreshBlock({ name, feature, onClose, change }: Omit<Props, 'open'>) {
  const block = useQuery({
    queryKey: ['ai-gateway-edit', name],
    queryFn: ({ signal }) => fetchGateway(name, signal),
    gcTime: 0,
    staleTime: Infinity, // what is being edited must not change under the hand
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  if (block.isError) return <Failed error={block.error} onRetry={() => void block.refetch()} />;
  if (!block.data) return <Loading rows={feature === 'limits' ? 5 : 1} />;
  const Form = feature === 'limits' ? LimitsForm : UsageForm;
  return <Form block={block.data} onClose={onClose} change={change} />;
}

interface FormProps {
  block: AiGateway;
  onClose: () => void;
  change: Change;
}

/** Saves, says so and closes; gives back the error when that fails. */
function useSave(feature: Editable, { onClose, change }: Pick<FormProps, 'onClose' | 'change'>) {
  const t = useGatewayText();
  const say = useToast();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const save = async (how: (block: AiGateway) => AiGateway) => {
    setBusy(true);
    setError(null);
    try {
      await change(how);
      say(t('saved', { feature: t(feature) }));
      onClose();
    } catch (cause) {
      setError(cause);
      setBusy(false);
    }
  };
  return { save, busy, error, forget: () => setError(null) };
}

function Foot({ busy }: { busy: boolean }) {
  const t = useGatewayText();
  return (
    <div className="dialog-foot">
      <CancelButton />
      <Button type="submit" look="primary" busy={busy}>
        {t('save')}
      </Button>
    </div>
  );
}

function UsageForm({ block, onClose, change }: FormProps) {
  const t = useGatewayText();
  const [enabled, setEnabled] = useState(block.usage_tracking_config?.enabled === true);
  const { save, busy, error } = useSave('usage', { onClose, change });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void save((now) => withUsageTracking(now, enabled));
  };
  return (
    <form onSubmit={submit}>
      <Switch label={t('switchLabel')} hint={t('switchHint')} checked={enabled} onChange={setEnabled} />
      {error !== null && <ErrorNote error={error} />}
      <Foot busy={busy} />
    </form>
  );
}

/** Where the sentence of an error belongs: at a row, or nowhere in particular. */
function useRowMessage(draft: LimitsDraft, error: unknown): RowMessage | null {
  const errorText = useErrorText();
  if (error === null) return null;
  const text = errorText(error);
  const at = rowOfMessage(draft, text);
  return at && { ...at, text };
}

function LimitsForm({ block, onClose, change }: FormProps) {
  const id = useId();
  const [draft, setDraft] = useState(() => draftOf(block.rate_limits ?? []));
  const [checked, setChecked] = useState(false);
  const { save, busy, error, forget } = useSave('limits', { onClose, change });
  const faults = useMemo(() => faultsOf(draft), [draft]);
  const said = useRowMessage(draft, error);
  const touch = useTouch();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setChecked(true);
    if (hasFaults(faults)) return focusFirstFault(id);
    void save((now) => withLimits(now, limitsOf(draft)));
  };
  const edit = (next: LimitsDraft) => {
    touch();
    forget();
    setDraft(next);
  };
  return (
    <form id={id} onSubmit={submit} noValidate>
      <RateLimitEditor
        draft={draft}
        onChange={edit}
        faults={checked ? faults : null}
        said={said}
        lacksTokens={lacksTokenLimits}
      />
      {error !== null && !said && <ErrorNote error={error} />}
      <Foot busy={busy} />
    </form>
  );
}

/** After the errors are there. */
function focusFirstFault(formId: string): void {
  requestAnimationFrame(() => document.getElementById(formId)?.querySelector<HTMLElement>('[aria-invalid]')?.focus());
}
