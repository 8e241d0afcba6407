// Which page is at which address, and the frame around all pages.
import { Component, lazy, Suspense, type ReactNode } from 'react';
import { Redirect, Route, Switch, useLocation } from 'wouter';
import { useSessionControl } from './base/session';
import { Failed, Loading } from './parts/states';
import { Frame } from './frame';
import { SignIn, SignInAgain } from './pages/sign_in';
import { NotFound } from './pages/not_found';

const EndpointList = lazy(() => import('./pages/endpoint_list'));
const EndpointPage = lazy(() => import('./pages/endpoint_page'));
const EndpointForm = lazy(() => import('./pages/endpoint_form'));
const Playground = lazy(() => import('./pages/playground'));
const ClientSetup = lazy(() => import('./pages/client_setup'));
const Secrets = lazy(() => import('./pages/secrets'));
const Users = lazy(() => import('./pages/users'));
const Groups = lazy(() => import('./pages/groups'));
const ServicePrincipals = lazy(() => import('./pages/service_principals'));
const Tokens = lazy(() => import('./pages/tokens'));
const Audit = lazy(() => import('./pages/audit'));

export function App() {
  const { state, askAgain } = useSessionControl();
  switch (state.kind) {
    case 'asking':
      return <Loading />;
    case 'unreachable':
      return <Failed error={state.error} onRetry={askAgain} />;
    case 'signed-out':
      return <SignIn expired={state.expired} />;
    case 'signed-in':
      return (
        <Frame key={state.session.id}>
          <Pages />
          {state.ended && <SignInAgain user={state.session.user_name} />}
        </Frame>
      );
  }
}

function Pages() {
  const [location] = useLocation();
  return (
    <Guard key={location}>
      <Suspense fallback={<Loading rows={6} />}>
        <Switch>
          <Route path="/ml/endpoints">
            <EndpointList />
          </Route>
          <Route path="/ml/create-endpoint">
            <EndpointForm key="new" />
          </Route>
          <Route path="/ml/endpoints/:name">{({ name }) => <EndpointPage key={name} name={decoded(name)} />}</Route>
          <Route path="/ml/endpoints/:name/edit">
            {({ name }) => <EndpointForm key={name} name={decoded(name)} />}
          </Route>
          <Route path="/ml/playground">
            <Playground />
          </Route>
          <Route path="/ml/client-setup">
            <ClientSetup />
          </Route>
          <Route path="/ml/secrets">
            <Secrets />
          </Route>
          <Route path="/ml/users">
            <Users />
          </Route>
          <Route path="/ml/groups">
            <Groups />
          </Route>
          <Route path="/ml/service-principals">
            <ServicePrincipals />
          </Route>
          <Route path="/ml/tokens">
            <Tokens />
          </Route>
          <Route path="/ml/audit">
            <Audit />
          </Route>
          <Route path="/">
            <Redirect to="/ml/endpoints" replace />
          </Route>
          <Route path="/ml">
            <Redirect to="/ml/endpoints" replace />
          </Route>
          <Route>
            <NotFound />
          </Route>
        </Switch>
      </Suspense>
    </Guard>
  );
}

/** wouter decodes once; a name with a broken escape stays as it is. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** A page that throws, or whose part cannot be fetched, must not take the frame with it. A new page is a new try: the parts
 *  of an older version are gone once the gateway has been updated. */
class Guard extends Component<{ children: ReactNode }, { error: unknown }> {
  override state: { error: unknown } = { error: null };
  static getDerivedStateFromError(error: unknown) {
    return { error };
  }
  override render() {
    const { error } = this.state;
    return error === null ? this.props.children : <Failed error={error} onRetry={() => window.location.reload()} />;
  }
}
