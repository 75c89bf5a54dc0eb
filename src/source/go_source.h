// Types and functions out of Go source: a file with the other files of its package, or a few declarations.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "source/declarations.h"

namespace abiscope::source {

struct GoText {
    std::string name;   // path; its ending may be a build constraint
    std::string text;
};

// Of the first text every type and function is asked about; the others only explain names. Read once for each system, processor and
// release.
class GoSource : public TypeSource {
public:
    GoSource(std::vector<GoText> texts, std::vector<std::string> tags) : texts_(std::move(texts)), tags_(std::move(tags)) {}

    // A type whose length or name cannot be resolved here is refused by itself (Kind::unknown); the rest goes on. Errors: bad_value for
    // text that is no Go, not_found when the first text is excluded from the build, bad_usage for an ABI of another language.
    [[nodiscard]] Result<std::shared_ptr<const Declarations>> declarations(const abi::Profile& profile) override;

private:
    std::vector<GoText> texts_;
    std::vector<std::string> tags_;
    std::map<std::string, Result<std::shared_ptr<const Declarations>>, std::less<>> known_;
};

}  // namespace abiscope::source
