// Makes a token, for oneself or on behalf of another, and shows its value once.
import { useState } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { TextField } from '../../parts/field';
import { EntityDialog, FieldError } from './entity_dialog';
import { mostTokenDays, secondsOf, usualLifetime } from './lifetime';
import { LifetimeField } from './lifetime_field';
import { ShownOnce } from './shown_once';
import { makeToken } from './tokens';
import { useAdminWords } from './words';

interface Props {
  open: boolean;
  onClose: () => void;
  owner?: { kind: 'user' | 'servicePrincipal'; name: string } | undefined;
}

export function TokenDialog({ open, onClose, owner }: Props) {
  const t = useAdminWords();
  const [made, setMade] = useState<string | null>(null);
  return (
    <>
      {open && <NewToken onClose={onClose} owner={owner} onMade={setMade} />}
      <ShownOnce
        title={t('tokenMade')}
        values={made === null ? null : [{ label: t('token'), text: made }]}
        onClose={() => setMade(null)}
      />
    </>
  );
}

function NewToken({ onClose, owner, onMade }: Omit<Props, 'open'> & { onMade: (value: string) => void }) {
  const t = useAdminWords();
  const queries = useQueryClient();
  const [comment, setComment] = useState('');
  const [lifetime, setLifetime] = useState(usualLifetime);
  const submit = async () => {
    const seconds = secondsOf(lifetime, mostTokenDays);
    if (seconds === null) throw new FieldError('lifetime_seconds', t('daysWrong', { most: mostTokenDays }));
    const made = await makeToken(comment, seconds, owner);
    void queries.invalidateQueries({ queryKey: ['tokens'] });
    onClose();
    onMade(made.token_value);
  };
  return (
    <EntityDialog
      open
      title={owner ? t('newTokenFor', { name: owner.name }) : t('newToken')}
      onClose={onClose}
      action={t('create')}
      fields={['comment', 'lifetime_seconds']}
      onSubmit={submit}
    >
      {(errorAt) => (
        <>
          {owner && <p className="muted">{t('forWhomHint', { name: owner.name })}</p>}
          <TextField
            label={t('comment')}
            data-autofocus
            hint={t('commentHint')}
            error={errorAt('comment')}
            maxLength={1000}
            value={comment}
            onChange={(event) => setComment(event.target.value)}
          />
          <LifetimeField
            value={lifetime}
            onChange={setLifetime}
            mostDays={mostTokenDays}
            endless
            error={errorAt('lifetime_seconds')}
          />
        </>
      )}
    </EntityDialog>
  );
}
