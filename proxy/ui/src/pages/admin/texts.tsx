import { Chip } from '../../parts/chips';

const mostTexts = 6;

/** A few of many: the dialog has them all. */
export function Texts({ of = [] }: { of?: string[] | undefined }) {
  if (of.length === 0) return null;
  return (
    <div className="admin-chips">
      {of.slice(0, mostTexts).map((each) => (
        <Chip key={each} tone="still" title={each}>
          {each}
        </Chip>
      ))}
      {of.length > mostTexts && <span className="muted">+{of.length - mostTexts}</span>}
    </div>
  );
}
