// Which crashes are the same one: an id of the cause and the functions that led to it, that stays the same when the program is built again,
// loaded elsewhere or calls itself deeper.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/crash.h"

namespace abiscope::rules {

struct Bucket {
    std::string id;  // 16 hexadecimal digits
    std::string cause;  // rule, and what of its arguments belongs to the defect: "CRASH-NULL-FIELD offset 24"
    std::size_t first_item = 0;  // of the crash's stack: where the first of `frames` is
    std::vector<std::string> frames;  // innermost first, at most `most_bucket_frames`, without the plumbing of C and language runtimes
};
inline constexpr std::size_t most_bucket_frames = 4;

// `readable` takes linkage names apart. Nothing when no frame is known by a name, or at least by its place in a file: what is left would
// throw different defects together. Places in files without names hold for one build only.
[[nodiscard]] std::optional<Bucket> bucket_of(core::Crash& crash, const Diagnosis& diagnosis,
                                              const std::function<std::string(std::string_view)>& readable);

// The name of a function without what another build of the same source may change: arguments, template arguments, return type, hashes and
// the suffixes of clones. `name` is readable.
[[nodiscard]] std::string stable_name(std::string_view name);

}  // namespace abiscope::rules
