import { afterEach, describe, expect, it } from 'vitest';
import { cleanup, render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useState } from 'react';
import { RateLimitEditor, type RowMessage } from './rate_limit_editor';
import { draftOf, faultsOf, limitsOf, type LimitsDraft } from './rate_limits';

afterEach(cleanup);

const stored = [
  { calls: 10, key: 'endpoint', renewal_period: 'minute' },
  { calls: 5, key: 'user', principal: 'a@x', renewal_period: 'minute' },
];
const queries = new QueryClient();
let current: LimitsDraft;

function Form({ said = null }: { said?: ((draft: LimitsDraft) => RowMessage) | null }) {
  const [draft, setDraft] = useState(() => draftOf(stored));
  current = draft;
  return (
    <QueryClientProvider client={queries}>
      <RateLimitEditor draft={draft} onChange={setDraft} faults={faultsOf(draft)} said={said?.(draft) ?? null} lacksTokens />
    </QueryClientProvider>
  );
}

describe('the editor of rate limits', { timeout: 60_000 }, () => {
  it('adds and removes rows, and keeps the focus sensible', async () => {
    const user = userEvent.setup();
    render(<Form />);
    await user.click(screen.getByRole('button', { name: 'Add a limit' }));
    const row = within(screen.getByRole('group', { name: 'Limit 2' }));
    expect(document.activeElement).toBe(row.getByLabelText('For'));
    expect(row.getAllByRole('alert')).toHaveLength(2);
    await user.click(screen.getByRole('button', { name: 'Remove the limit 1' }));
    expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Add a limit' }));
    await user.clear(within(screen.getByRole('group', { name: 'Whole endpoint' })).getByLabelText('Calls per min'));
    await user.click(screen.getByRole('button', { name: 'Remove the limit 1' }));
    expect(limitsOf(current)).toEqual([]);
  });

  it('shows what the gateway said at its row', () => {
    render(<Form said={(draft) => ({ id: draft.rows[0]!.id, field: 'principal', text: 'There is no a@x.' })} />);
    const field = within(screen.getByRole('group', { name: 'Limit 1' })).getByLabelText(/User name/);
    expect(field.getAttribute('aria-invalid')).toBe('true');
    expect(screen.getByRole('alert').textContent).toBe('There is no a@x.');
  });

  it('has no place for tokens where the gateway takes none, and says why', () => {
    render(<Form />);
    for (const field of screen.getAllByLabelText('Tokens per min')) expect((field as HTMLInputElement).disabled).toBe(true);
    expect(screen.getByText(/Limits on tokens are not available/)).toBeTruthy();
  });
});
