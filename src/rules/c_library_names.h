// Functions of the C library and of its unwinder by name: in a static program nothing else tells them from the program's own. What each
// of them means to the rules stands in one table.
#pragma once

#include <cstdint>
#include <string_view>

namespace abiscope::rules {

enum CFunction : std::uint8_t {
    raises_signals = 1,      // sends a signal to the process itself
    leads_to_abort = 2,      // stands between abort() and the function to blame: malloc, checked functions, what prints the message
    takes_block = 4,         // takes a pointer of malloc's and looks in front of it for malloc's header
    stops_musl = 8,          // of musl: ends the program where malloc's records are damaged, or is its malloc's alone
    unwinds = 16,            // carries an exception, or the cancellation of a thread, through the frames below
    jumps_back = 32,         // goes to where setjmp() was called
    reads_records = 64,      // of glibc: follows malloc's own lists and headers of chunks
};

// Whether the function is one of those; what the compiler made of it (NAME.constprop.0, NAME.cold) counts as well.
[[nodiscard]] bool is_c_function(std::string_view name, CFunction meaning);

}  // namespace abiscope::rules
