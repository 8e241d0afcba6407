// The one place where Beast's non-template code is compiled. The gateway's request path reads heads with
// core/http/framing; Beast serves the simulated provider, the load generator and the tests.
#include <boost/beast/src.hpp>
