// Calls that do not go by a symbol: through pointers to functions, which are callbacks, and through tables of virtual functions.
#pragma once

#include <string>
#include <vector>

#include "diff/change.h"
#include "diff/relation.h"
#include "diff/side.h"

namespace abiscope::diff {

// Whether a record travels by value in it, on either side: else no change of a record moves anything.
[[nodiscard]] bool takes_records(const Relations& relations, const Called& called);

// What travels elsewhere in a call of such a function. `about` and `subject` are those of what it was met in.
void compare_called(const Called& called, const Side& old, const Side& now, About about, const std::string& subject,
                    std::vector<Change>& into);

}  // namespace abiscope::diff
