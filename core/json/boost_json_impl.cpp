// Boost.JSON, compiled here once (header-only mode).
#include <boost/json/src.hpp>
