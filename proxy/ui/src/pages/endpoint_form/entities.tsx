// The list of served entities, and how traffic is split between them.
import { useEffect, useRef } from 'react';
import { Button } from '../../parts/button';
import { SectionError, useForm } from './context';
import { addEntity, maxEntities, splitEvenly, trafficTotal } from './draft';
import { Entity } from './entity';
import type { keptBy } from './from_request';
import { paths } from './paths';
import { useFormWords } from './words';

export function Entities({ isKept }: { isKept: ReturnType<typeof keptBy> }) {
  const t = useFormWords();
  const { draft, edit } = useForm();
  const list = useRef<HTMLDivElement>(null);
  const added = useRef(false);
  const count = draft.entities.length;
  useEffect(() => {
    if (added.current) list.current?.querySelector<HTMLElement>('.form-entity:last-of-type .form-picker')?.focus();
    added.current = false;
  }, [count]);
  return (
    <section className="card stack" aria-labelledby="form-entities">
      <div>
        <h2 id="form-entities">{t('entities')}</h2>
        <p className="hint">{t('entitiesHint', { count: maxEntities })}</p>
      </div>
      <SectionError path={paths.entities} />
      <div className="stack" ref={list}>
        {draft.entities.map((each, i) => (
          <Entity key={each.id} entity={each} index={i} isKept={isKept} />
        ))}
      </div>
      <div className="row">
        <Button
          disabled={count >= maxEntities}
          onClick={() => {
            added.current = true;
            edit(paths.entities, addEntity);
          }}
        >
          {t('addEntity')}
        </Button>
      </div>
      {count > 1 && <Traffic />}
      <SectionError path={paths.traffic} />
    </section>
  );
}

function Traffic() {
  const t = useFormWords();
  const { draft, edit } = useForm();
  const total = trafficTotal(draft.entities);
  const good = total === 100;
  return (
    <div className="form-total">
      <p className={`chip ${good ? 'good' : 'bad'}`} role="status">
        <span aria-hidden="true">{good ? '✓ ' : '✕ '}</span>
        {total === null ? t('totalUnknown') : t('total', { total })}
        <span className="only-read">{t(good ? 'totalGood' : 'totalBad')}</span>
      </p>
      <Button onClick={() => edit(paths.traffic, (now) => ({ ...now, entities: splitEvenly(now.entities) }))}>
        {t('splitEvenly')}
      </Button>
      {draft.strayRoutes.length > 0 && <p className="hint">{t('strayRoutes', { count: draft.strayRoutes.length })}</p>}
    </div>
  );
}
