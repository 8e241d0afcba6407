import { useEffect, useState, type ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { useSession, useSessionControl } from './base/session';
import { languages, makeWords, useLanguage } from './base/text';
import { themes, useTheme } from './base/theme';
import { askBefore } from './base/unsaved';
import { Menu, MenuItem, MenuLine } from './parts/menu';
import { useErrorText } from './parts/states';
import { useToast } from './parts/toast';
import { LeaveDialog } from './leave_dialog';
import iconUrl from './icon.svg';

const useText = makeWords({
  en: {
    skip: 'Skip to the content',
    navigation: 'Sections',
    serving: 'Serving',
    playground: 'Playground',
    clientSetup: 'Client set-up',
    tokens: 'Tokens',
    secrets: 'Secrets',
    users: 'Users',
    groups: 'Groups',
    servicePrincipals: 'Service principals',
    audit: 'Audit',
    account: 'Account of {name}',
    signOut: 'Sign out',
    stillIn: 'You are still signed in: {why}',
    openMenu: 'Menu',
    light: 'Light',
    dark: 'Dark',
    system: 'As the system',
    en: 'English',
    ko: '한국어',
    admin: 'admin',
  },
  ko: {
    skip: '본문으로 건너뛰기',
    navigation: '메뉴',
    serving: '서비스',
    playground: '플레이그라운드',
    clientSetup: '클라이언트 설정',
    tokens: '토큰',
    secrets: '비밀',
    users: '사용자',
    groups: '그룹',
    servicePrincipals: '서비스 주체',
    audit: '감사 로그',
    account: '{name} 계정',
    signOut: '로그아웃',
    stillIn: '아직 로그인되어 있습니다: {why}',
    openMenu: '메뉴',
    light: '밝게',
    dark: '어둡게',
    system: '시스템 설정',
    en: 'English',
    ko: '한국어',
    admin: '관리자',
  },
});

const sections = [
  { to: '/ml/endpoints', key: 'serving', forAdmins: false },
  { to: '/ml/playground', key: 'playground', forAdmins: false },
  { to: '/ml/client-setup', key: 'clientSetup', forAdmins: false },
  { to: '/ml/tokens', key: 'tokens', forAdmins: false },
  { to: '/ml/secrets', key: 'secrets', forAdmins: false },
  { to: '/ml/users', key: 'users', forAdmins: true },
  { to: '/ml/groups', key: 'groups', forAdmins: true },
  { to: '/ml/service-principals', key: 'servicePrincipals', forAdmins: true },
  { to: '/ml/audit', key: 'audit', forAdmins: true },
] as const;

const isIn = (location: string, section: string): boolean =>
  location.startsWith(section) || (section === '/ml/endpoints' && location === '/ml/create-endpoint');

export function Frame({ children }: { children: ReactNode }) {
  const t = useText();
  const session = useSession();
  const [location] = useLocation();
  const [open, setOpen] = useState(false); // the sections, where the window is narrow
  useEffect(() => setOpen(false), [location]);
  return (
    <div className="frame">
      <a className="skip" href="#content">
        {t('skip')}
      </a>
      <header className="top">
        <button
          type="button"
          className="button quiet sections-button"
          aria-expanded={open}
          aria-controls="sections"
          aria-label={t('openMenu')}
          onClick={() => setOpen(!open)}
        >
          ☰
        </button>
        <Link href="/ml/endpoints" className="brand">
          <img src={iconUrl} alt="" width="24" height="24" /> Sluice
        </Link>
        <AccountMenu />
      </header>
      <nav id="sections" className={`sections ${open ? 'open' : ''}`} aria-label={t('navigation')}>
        {sections
          .filter((each) => session.is_admin || !each.forAdmins)
          .map((each) => (
            <Link
              key={each.to}
              href={each.to}
              className="section"
              aria-current={isIn(location, each.to) ? 'page' : undefined}
            >
              {t(each.key)}
            </Link>
          ))}
      </nav>
      <main id="content" className="content" tabIndex={-1}>
        {children}
      </main>
      <LeaveDialog />
    </div>
  );
}

function AccountMenu() {
  const t = useText();
  const session = useSession();
  const { signOut } = useSessionControl();
  const say = useToast();
  const errorText = useErrorText();
  const { language, choose } = useLanguage();
  const [theme, setTheme] = useTheme();
  const name = session.display_name || session.user_name;
  const leave = () => signOut().catch((cause: unknown) => say(t('stillIn', { why: errorText(cause) })));
  return (
    <Menu label={t('account', { name })} button={<span className="account">{name}</span>}>
      <div className="menu-note">
        {session.user_name}
        {session.is_admin && ` · ${t('admin')}`}
      </div>
      <MenuLine />
      {languages.map((each) => (
        <MenuItem key={each} onClick={() => choose(each)}>
          {(each === language ? '✓ ' : '') + t(each)}
        </MenuItem>
      ))}
      <MenuLine />
      {themes.map((each) => (
        <MenuItem key={each} onClick={() => setTheme(each)}>
          {(each === theme ? '✓ ' : '') + t(each)}
        </MenuItem>
      ))}
      <MenuLine />
      <MenuItem onClick={() => askBefore(() => void leave())}>{t('signOut')}</MenuItem>
    </Menu>
  );
}
