import { afterEach, describe, expect, it, vi } from 'vitest';
import { cleanup, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { ApiError } from '../../base/api';
import { isUnsaved } from '../../base/unsaved';
import { TextField } from '../../parts/field';
import { EntityDialog, fieldNamed } from './entity_dialog';
import { joinPages } from './paged';
import { ShownOnce } from './shown_once';

afterEach(cleanup);
vi.setConfig({ testTimeout: 30_000 }); // machines that run tests are busy
const refused = (message: string) => new ApiError(400, 'INVALID_PARAMETER_VALUE', message, '');

describe('fieldNamed', () => {
  it('finds the field that a message names', () => {
    const fields = ['name', 'displayName', 'groups'];
    expect(fieldNamed(refused("'displayName' must be shorter."), fields)).toBe('displayName');
    expect(fieldNamed(refused("'groups[0].value' names no group."), fields)).toBe('groups');
    expect(fieldNamed(refused('Not allowed.'), fields)).toBeUndefined();
    expect(fieldNamed(new Error("'name'"), fields)).toBeUndefined();
  });
});

describe('joinPages', () => {
  it('shows what has moved between two pages once', () => {
    const page = (...rows: string[]) => ({ rows, next: undefined });
    expect(joinPages([page('a', 'b'), page('b', 'c')], (row) => row)).toEqual(['a', 'b', 'c']);
  });
});

describe('EntityDialog', () => {
  const show = (onSubmit: () => Promise<unknown>) =>
    render(
      <EntityDialog open title="New" onClose={() => {}} action="Create" fields={['userName']} onSubmit={onSubmit}>
        {(errorAt) => <TextField label="User name" error={errorAt('userName')} />}
      </EntityDialog>,
    );

  it('says a refusal at its field', async () => {
    show(() => Promise.reject(refused("'userName' is taken.")));
    await userEvent.click(screen.getByRole('button', { name: 'Create' }));
    expect(await screen.findByRole('alert')).toHaveProperty('textContent', "'userName' is taken.");
    expect(screen.getByLabelText('User name').getAttribute('aria-invalid')).toBe('true');
  });

  it('says another one above the buttons', async () => {
    show(() => Promise.reject(refused('No room.')));
    await userEvent.click(screen.getByRole('button', { name: 'Create' }));
    expect((await screen.findByRole('alert')).className).toBe('error-note');
    expect(screen.getByLabelText('User name').getAttribute('aria-invalid')).toBeNull();
  });
});

describe('ShownOnce', () => {
  it('asks before it loses a value that was not copied', async () => {
    const onClose = vi.fn();
    render(<ShownOnce title="Made" values={[{ label: 'Token', text: 'dapi123' }]} onClose={onClose} />);
    await userEvent.click(screen.getByRole('button', { name: 'Done' }));
    expect(onClose).not.toHaveBeenCalled();
    expect(isUnsaved()).toBe(true);
    await userEvent.click(screen.getByRole('button', { name: 'Close without copying' }));
    expect(onClose).toHaveBeenCalledOnce();
  });

  it('closes at once when it was copied', async () => {
    const onClose = vi.fn();
    const user = userEvent.setup(); // with a clipboard
    render(<ShownOnce title="Made" values={[{ label: 'Token', text: 'dapi123' }]} onClose={onClose} />);
    await user.click(screen.getByRole('button', { name: 'Copy' }));
    await screen.findByText('Copied');
    expect(isUnsaved()).toBe(false);
    await user.click(screen.getByRole('button', { name: 'Done' }));
    expect(onClose).toHaveBeenCalledOnce();
    expect(await navigator.clipboard.readText()).toBe('dapi123');
  });
});
