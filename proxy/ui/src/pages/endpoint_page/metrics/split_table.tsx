import { useId } from 'react';
import { useLanguage } from '../../../base/text';
import { wholeNumber } from '../../../base/time';
import { percent } from './formats';
import { ShareBar } from './share_bar';
import type { SplitRow } from './series';
import { useMetricsText } from './words';

export function SplitTable({ rows }: { rows: SplitRow[] }) {
  const t = useMetricsText();
  const { language } = useLanguage();
  const id = useId();
  return (
    <section className="card metrics-card" aria-labelledby={id}>
      <header className="metrics-card-head">
        <h2 id={id}>{t('split')}</h2>
      </header>
      <p className="metrics-summary">{t('splitHint')}</p>
      <div className="metrics-split" tabIndex={0} role="region" aria-label={t('split')}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t('entity')}</th>
              <th scope="col" className="number">
                {t('asked')}
              </th>
              <th scope="col" className="number">
                {t('measured')}
              </th>
              <th scope="col" className="number">
                {t('requests')}
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.name}>
                <td>
                  <bdi>{row.name}</bdi>
                  <ShareBar share={row.measured ?? 0} />
                </td>
                <td className="number">{percent(row.asked, language)}</td>
                <td className="number">{percent(row.measured, language)}</td>
                <td className="number">{wholeNumber(row.requests, language)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
