// One scope: its secrets, and who may do what with them.
import { useState } from 'react';
import { Button } from '../../parts/button';
import { Tabs } from '../../parts/tabs';
import { Acls } from './acls';
import { Keys } from './keys';
import type { Uses } from './references';
import { DeleteScopeDialog } from './scope_dialogs';
import { useSecretWords } from './words';

interface Props {
  scope: string;
  uses: Uses;
  onDeleted: () => void;
}

type View = 'keys' | 'acls';

export function ScopeView({ scope, uses, onDeleted }: Props) {
  const t = useSecretWords();
  const [view, setView] = useState<View>('keys');
  const [deleting, setDeleting] = useState(false);
  return (
    <>
      <div className="secrets-head">
        <h2>
          <bdi>{scope}</bdi>
        </h2>
        <Button look="danger" onClick={() => setDeleting(true)}>
          {t('deleteScope')}
        </Button>
      </div>
      <Tabs<View>
        label={t('views')}
        selected={view}
        onSelect={setView}
        tabs={[
          { id: 'keys', label: t('keys'), content: () => <Keys scope={scope} uses={uses} /> },
          { id: 'acls', label: t('acls'), content: () => <Acls scope={scope} /> },
        ]}
      />
      <DeleteScopeDialog
        scope={scope}
        usedBy={uses.ofScope(scope)}
        open={deleting}
        onClose={() => setDeleting(false)}
        onDeleted={onDeleted}
      />
    </>
  );
}
