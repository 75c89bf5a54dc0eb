// Is a file of Go part of a build for that system and processor? cmd/go, Build constraints.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace abiscope::source {

struct GoBuild {
    std::string os;                      // GOOS
    std::string architecture;            // GOARCH
    std::uint32_t version = 0;           // 126 for 1.26
    std::vector<std::string> tags;       // of -tags
};

// `expression` as it stands behind //go:build. What cannot be read excludes the file, as it does for the go command.
[[nodiscard]] bool go_constraint_holds(std::string_view expression, const GoBuild& build);

// NAME_GOOS_GOARCH.go
[[nodiscard]] bool go_file_name_fits(std::string_view path, const GoBuild& build);

}  // namespace abiscope::source
