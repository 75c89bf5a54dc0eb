// Which package brings a library, by family of distribution.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace abiscope::rules {

// "apt-get install libstdc++6" for ("debian:12/amd64", "libstdc++.so.6"); nothing when it is not known.
[[nodiscard]] std::optional<std::string> install_command(std::string_view target_name, std::string_view soname);

}  // namespace abiscope::rules
