/** How much of all something is; the number stands beside it. `share`: per cent. */
export function ShareBar({ share }: { share: number }) {
  return (
    <div className="share-bar" aria-hidden="true">
      <div style={{ width: `${Math.min(100, Math.max(0, share))}%` }} />
    </div>
  );
}
