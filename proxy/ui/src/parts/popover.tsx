// What does not fit, in whole: by a click, a tap or a key.
import { useRef, useState, type ReactNode } from 'react';
import * as Ariakit from '@ariakit/react';
import { leaveByTab } from './leave_by_tab';

interface Props {
  label: string; // of what opens
  className: string; // of the button
  children: ReactNode; // what the button shows; also its name
  whole: () => ReactNode; // made only when it is asked for: lists have many of these
}

export function MoreButton({ label, className, children, whole }: Props) {
  const button = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  return (
    <>
      <button
        ref={button}
        type="button"
        className={className}
        aria-haspopup="dialog"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        {children}
      </button>
      {open && (
        <Opened label={label} anchor={button.current} onClose={() => setOpen(false)}>
          {whole()}
        </Opened>
      )}
    </>
  );
}

interface OpenedProps {
  label: string;
  anchor: HTMLElement | null;
  onClose: () => void;
  children: ReactNode;
}

function Opened({ label, anchor, onClose, children }: OpenedProps) {
  const store = Ariakit.usePopoverStore({
    open: true,
    placement: 'bottom-start',
    setOpen: (open) => {
      if (!open) onClose();
    },
  });
  return (
    <Ariakit.Popover
      store={store}
      portal
      preserveTabOrder={false}
      onKeyDown={(event) => leaveByTab(event, anchor, onClose)}
      gutter={4}
      className="menu more"
      aria-label={label}
      getAnchorRect={() => anchor?.getBoundingClientRect() ?? null}
      finalFocus={anchor}
      hideOnInteractOutside={(event) => !(event.target instanceof Node && anchor?.contains(event.target))}
      tabIndex={0}
    >
      {children}
    </Ariakit.Popover>
  );
}
