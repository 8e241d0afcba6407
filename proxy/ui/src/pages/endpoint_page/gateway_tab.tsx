// What the AI Gateway does with the endpoint's queries: what is set, and for those who may manage it, how to change it.
import { useId, useState } from 'react';
import { useLanguage } from '../../base/text';
import { wholeNumber } from '../../base/time';
import type { AiGateway, Endpoint, RateLimit } from '../../base/types';
import { draftOf, rowsOf, type LimitRow } from '../../gateway/rate_limits';
import { Button } from '../../parts/button';
import { Chip, type Tone } from '../../parts/chips';
import { EditDialog, type Editable } from './gateway/edit_dialog';
import { features, stateOfFeature, storedOf, type Feature, type FeatureState } from './gateway/gateway_block';
import { useGateway, useMayManage } from './gateway/use_gateway';
import { useGatewayText } from './gateway/words';
import './gateway/gateway.css';

const tones: Record<FeatureState, Tone> = { on: 'good', off: 'still', lacking: 'still' };
const isEditable = (feature: Feature): feature is Editable => feature === 'usage' || feature === 'limits';

export default function GatewayTab({ endpoint }: { endpoint: Endpoint }) {
  const t = useGatewayText();
  const mayManage = useMayManage(endpoint);
  const { block, change } = useGateway(endpoint);
  const [edited, setEdited] = useState<Editable>('usage');
  const [open, setOpen] = useState(false);
  const edit = (feature: Editable) => {
    setEdited(feature);
    setOpen(true);
  };
  return (
    <div className="stack gateway">
      {!mayManage && <p className="muted">{t('viewOnly')}</p>}
      {features.map((feature) => (
        <FeatureCard
          key={feature}
          feature={feature}
          block={block}
          onEdit={mayManage && isEditable(feature) ? () => edit(feature) : null}
        />
      ))}
      <EditDialog
        name={endpoint.name}
        feature={edited}
        open={open}
        onClose={() => setOpen(false)}
        change={change}
      />
    </div>
  );
}

interface CardProps {
  feature: Feature;
  block: AiGateway;
  onEdit: (() => void) | null;
}

function FeatureCard({ feature, block, onEdit }: CardProps) {
  const t = useGatewayText();
  const id = useId();
  const state = stateOfFeature(feature, block);
  const stored = state === 'lacking' ? storedOf(feature, block) : null;
  return (
    <section className="card gateway-card" aria-labelledby={id}>
      <header className="gateway-head">
        <h2 id={id}>{t(feature)}</h2>
        <Chip tone={tones[state]}>{t(state)}</Chip>
        {onEdit && (
          <Button className="gateway-edit" aria-label={t('editOf', { feature: t(feature) })} onClick={onEdit}>
            {t('edit')}
          </Button>
        )}
      </header>
      <p className="muted">{t(`${feature}About`)}</p>
      {state === 'lacking' && <p>{t('lackingWhy')}</p>}
      {stored !== null && <code className="gateway-stored">{t('stored', { json: JSON.stringify(stored) })}</code>}
      {feature === 'limits' && (block.rate_limits?.length ?? 0) > 0 && <LimitsTable limits={block.rate_limits ?? []} />}
    </section>
  );
}

function LimitsTable({ limits }: { limits: RateLimit[] }) {
  const t = useGatewayText();
  const draft = draftOf(limits);
  const rows = rowsOf(draft).filter((row) => row.calls || row.tokens);
  const withTokens = rows.some((row) => row.tokens);
  return (
    <div className="table-box" tabIndex={0} role="region" aria-label={t('limitsOf')}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('whom')}</th>
            <th scope="col" className="number">
              {t('calls')}
            </th>
            {withTokens && (
              <th scope="col" className="number">
                {t('tokens')}
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <LimitLine key={row.id} row={row} withTokens={withTokens} />
          ))}
          {draft.others.map((limit, i) => (
            <tr key={`other-${i}`}>
              <td colSpan={withTokens ? 3 : 2}>
                {t('other')}: <code>{JSON.stringify(limit)}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function LimitLine({ row, withTokens }: { row: LimitRow; withTokens: boolean }) {
  const t = useGatewayText();
  const { language } = useLanguage();
  const number = (text: string) => {
    if (text === '') return '–';
    return Number(text) === 0 ? t('refusesAll') : wholeNumber(Number(text), language);
  };
  return (
    <tr>
      <td>
        {t(row.kind)}
        {row.principal && (
          <>
            {' '}
            <bdi className="gateway-principal">{row.principal}</bdi>
          </>
        )}
      </td>
      <td className="number">{number(row.calls)}</td>
      {withTokens && <td className="number">{number(row.tokens)}</td>}
    </tr>
  );
}
