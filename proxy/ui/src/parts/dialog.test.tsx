import { afterEach, describe, expect, it, vi } from 'vitest';
import { cleanup, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { forgetUnsaved, isUnsaved } from '../base/unsaved';
import { LeaveDialog } from '../leave_dialog';
import { CancelButton, Dialog, useTouch } from './dialog';
import { TextField } from './field';

afterEach(() => {
  cleanup();
  forgetUnsaved();
});
vi.setConfig({ testTimeout: 30_000 }); // machines that run tests are busy

/** Changes something without an input event, as a choice from a list does. */
function Pick() {
  return <button onClick={useTouch()}>Pick</button>;
}

function Shown(more: Partial<Parameters<typeof Dialog>[0]>) {
  return (
    <>
      <Dialog title="New" open onClose={() => {}} {...more}>
        <TextField label="Name" />
        <Pick />
        <CancelButton />
      </Dialog>
      <LeaveDialog />
    </>
  );
}

function show(more: Partial<Parameters<typeof Dialog>[0]> = {}) {
  const onClose = vi.fn();
  render(<Shown onClose={onClose} {...more} />);
  return onClose;
}
const type = () => userEvent.type(screen.getByLabelText('Name'), 'typed');
const question = () => screen.findByRole('dialog', { name: 'Close without saving?' });
const press = (name: string) => userEvent.click(screen.getByRole('button', { name }));

describe('a dialog in which something was typed', () => {
  it.each([
    ['Escape', () => userEvent.keyboard('{Escape}')],
    ['Cancel', () => press('Cancel')],
    ['its cross', () => press('Close')],
  ])('asks before it closes: %s', async (_, leave) => {
    const onClose = show();
    await type();
    await leave();
    await question();
    expect(onClose).not.toHaveBeenCalled();
    expect(screen.getByLabelText('Name')).toHaveProperty('value', 'typed');
    await press('Close without saving');
    expect(onClose).toHaveBeenCalledOnce();
  });

  it('stays when the user says so, and asks again', async () => {
    const onClose = show();
    await type();
    await userEvent.keyboard('{Escape}');
    await question();
    await userEvent.keyboard('{Escape}');
    expect(screen.queryByRole('dialog', { name: 'Close without saving?' })).toBeNull();
    expect(onClose).not.toHaveBeenCalled();
    expect(isUnsaved()).toBe(true);
    await press('Cancel');
    await question();
  });

  it('or picked, asks too', async () => {
    const onClose = show();
    await press('Pick');
    await userEvent.keyboard('{Escape}');
    await question();
    expect(onClose).not.toHaveBeenCalled();
  });

  it('and that is saved meanwhile asks no more', async () => {
    const page = render(<Shown />);
    await type();
    await userEvent.keyboard('{Escape}');
    await question();
    page.rerender(<Shown open={false} />);
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  });

  it('closes at once where nothing would be lost', async () => {
    const onClose = show({ asks: false });
    await type();
    await userEvent.keyboard('{Escape}');
    expect(onClose).toHaveBeenCalledOnce();
  });
});

it('a dialog in which nothing was typed closes at once', async () => {
  const onClose = show();
  await userEvent.keyboard('{Escape}');
  await press('Cancel');
  expect(onClose).toHaveBeenCalledTimes(2);
});
