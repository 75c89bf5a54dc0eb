// What the runtimes of C++ and Rust end programs for, by abort(). One file each; language_abort() asks them.
#pragma once

#include <optional>
#include <string>

#include "rules/crash_builder.h"

namespace abiscope::rules {

// `terminate`: index of the frame of std::terminate.
[[nodiscard]] std::optional<Cause> terminated(Ask ask, std::size_t terminate);

// libstdc++ ends the program by std::terminate then, libc++abi by abort().
[[nodiscard]] std::optional<Cause> pure_virtual(core::Crash& crash);

[[nodiscard]] std::optional<Cause> panicked(Ask ask);
// Of a program without names; `abort`: index of the frame of abort().
[[nodiscard]] std::optional<Cause> panicked_without_names(Ask ask, std::size_t abort);

// Of a precondition that libstdc++ checks, where what its function was called with is known; `behind`: index of the frame of the member
// that was called.
[[nodiscard]] std::optional<Cause> libstdcxx_assertion(core::Crash& crash, std::size_t behind);
// The same of libc++.
[[nodiscard]] std::optional<Cause> libcxx_assertion(core::Crash& crash, std::size_t behind);
// Of musl's assert().
[[nodiscard]] std::optional<Cause> musl_assertion(core::Crash& crash);
// libc++, include/__verbose_abort: std::__libcpp_verbose_abort(const char* format, ...), in libc++'s namespace of a version.
[[nodiscard]] bool is_verbose_abort(std::string_view function);

// The last of the frames behind abort() that only lead to it; whether they do because memory could not be allocated.
[[nodiscard]] std::size_t behind_rust(core::Crash& crash, std::size_t abort, bool& allocation);

// place_words() of that frame.
[[nodiscard]] std::string frame_words(core::Crash& crash, std::size_t index);

}  // namespace abiscope::rules
