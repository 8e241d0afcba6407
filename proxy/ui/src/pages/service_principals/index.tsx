import { AdminsOnly } from '../admin/page';
import { PeoplePage } from '../admin/people_page';
import { usePeopleWords } from '../admin/people_words';
import { SecretsDialog } from './secrets_dialog';

export default function ServicePrincipals() {
  const t = usePeopleWords();
  return (
    <AdminsOnly title={t('servicePrincipals')}>
      {() => (
        <PeoplePage
          kind="servicePrincipal"
          secrets={(person, onClose) => <SecretsDialog principal={person} onClose={onClose} />}
        />
      )}
    </AdminsOnly>
  );
}
