import { AdminsOnly } from '../admin/page';
import { PeoplePage } from '../admin/people_page';
import { usePeopleWords } from '../admin/people_words';

export default function Users() {
  const t = usePeopleWords();
  return <AdminsOnly title={t('users')}>{() => <PeoplePage kind="user" />}</AdminsOnly>;
}
