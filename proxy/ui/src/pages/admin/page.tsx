// The frame of an administration page: its title, its actions, and who may see it.
import { useEffect, type ReactNode } from 'react';
import { useSession } from '../../base/session';
import { LinkButton } from '../../parts/button';
import { Empty } from '../../parts/states';
import { useAdminWords } from './words';
import './admin.css';

interface Props {
  title: string;
  lead?: string;
  actions?: ReactNode;
  children: ReactNode;
}

export function AdminPage({ title, lead, actions, children }: Props) {
  useEffect(() => {
    document.title = `${title} · Sluice`;
  }, [title]);
  return (
    <>
      <div className="page-head">
        <h1>{title}</h1>
        {actions && <div className="actions">{actions}</div>}
      </div>
      {lead && <p className="admin-lead muted">{lead}</p>}
      {children}
    </>
  );
}

/** Others who come by the address learn whom to ask; the gateway refuses them all the same. */
export function AdminsOnly({ title, children }: { title: string; children: () => ReactNode }) {
  const t = useAdminWords();
  if (useSession().is_admin) return <>{children()}</>;
  return (
    <AdminPage title={title}>
      <div className="card">
        <Empty title={t('forAdmins')}>
          <p className="muted">{t('forAdminsWhy')}</p>
          <LinkButton to="/ml/endpoints">{t('back')}</LinkButton>
        </Empty>
      </div>
    </AdminPage>
  );
}
