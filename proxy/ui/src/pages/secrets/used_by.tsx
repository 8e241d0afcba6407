import { Link } from 'wouter';
import { path } from '../../base/api';
import { useSecretWords } from './words';

const mostLinks = 3;

/** The first few by name, the others by number. */
export function UsedBy({ names, most = mostLinks }: { names: string[]; most?: number }) {
  const t = useSecretWords();
  if (names.length === 0) return <span className="muted">{t('unused')}</span>;
  return (
    <span className="secrets-uses">
      {names.slice(0, most).map((name) => (
        <Link key={name} href={path`/ml/endpoints/${name}`}>
          <bdi>{name}</bdi>
        </Link>
      ))}
      {names.length > most && <span className="muted">{t('andMore', { count: names.length - most })}</span>}
    </span>
  );
}

/** Before a deletion: what will break. */
export function UsedByWarning({ names }: { names: string[] }) {
  const t = useSecretWords();
  if (names.length === 0) return <p className="hint">{t('othersUnseen')}</p>;
  return (
    <div className="admin-warning" role="note">
      <p>{t('breaks', { count: names.length })}</p>
      <ul>
        {names.slice(0, 20).map((name) => (
          <li key={name}>
            <bdi>{name}</bdi>
          </li>
        ))}
      </ul>
      {names.length > 20 && <p>{t('andMore', { count: names.length - 20 })}</p>}
    </div>
  );
}
