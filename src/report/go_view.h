// What `abiscope go` prints of one program.
#pragma once

#include <string>
#include <string_view>

#include "golang/buildinfo.h"
#include "inspect/go_facts.h"
#include "report/json.h"
#include "report/style.h"

namespace abiscope::report {

struct GoView {
    std::string_view path;                                 // of the file; of a slice with its name
    const std::optional<golang::BuildInfo>* build;
    const inspect::GoFacts* facts;
    const inspect::GoRequest* request;
};

// Whether no list was asked for.
[[nodiscard]] bool is_card(const inspect::GoRequest& request);

// The card, or the lists that were asked for.
[[nodiscard]] std::string go_text(const GoView& view, const Style& style);

// The members of one result beside subject and findings: `go`.
[[nodiscard]] Json go_json(const GoView& view);

// The settings of a build, as `go version -m` has them; what `inspect` shows too.
[[nodiscard]] Json modules_json(const golang::BuildInfo& build);
[[nodiscard]] Json settings_json(const golang::BuildInfo& build);

}  // namespace abiscope::report
