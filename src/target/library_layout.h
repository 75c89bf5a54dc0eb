// Where distributions put libraries, and what their loaders therefore have built in.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "target/architecture.h"

namespace abiscope::target {

struct LibraryLayout {
    std::vector<std::string> directories;   // the loader's built-in ones, in order
    std::string lib_token;                  // $LIB
    std::string essential;                  // where libc lies: /lib/x86_64-linux-gnu
    std::string usual;                      // where most others lie: /usr/lib/x86_64-linux-gnu
};

// Names: multiarch (Debian, Ubuntu), multiarch-flat (their libraries copied to /lib: busybox), lib64 (Red Hat, Fedora, SUSE, Amazon),
// usrlib (Arch), musl. Nothing for another name.
[[nodiscard]] std::optional<LibraryLayout> library_layout(std::string_view name, Architecture architecture);

}  // namespace abiscope::target
