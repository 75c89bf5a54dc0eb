// The C++ exception in flight, out of the memory of a crashed process: no debug information is needed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/crash.h"

namespace abiscope::rules {

struct CxxObject {
    std::string type;                  // the mangled name of its type: "St13runtime_error"
    std::uint64_t type_name_address = 0;
    std::optional<std::string> what;   // of a class derived from one that keeps its text where it is known to be
    std::uint64_t what_address = 0;    // 0: the text is fixed by the type
    std::optional<std::uint64_t> table;   // address point of the object's virtual table, where `what` is of a base class
    std::uint64_t standard = 0;  // its part that is a std::exception, whose virtual table has what(); 0: none, or several
    std::string pointed;  // of a pointer to an object with a virtual table: that object's own type, mangled. `what` is of it
};

struct CxxException : CxxObject {
    std::uint64_t header = 0;  // address of its __cxa_exception
    std::uint64_t entry = 0;  // of the __cxa_dependent_exception that threw it once more; else the same
    std::vector<CxxObject> nested;  // what std::throw_with_nested() found being handled, and what that had in it, in turn
};

struct ExceptionSearch {
    std::optional<CxxException> exception;
    bool several = false;  // more than one was found, and which one it is is not known
};

// What the thread that crashed is handling, out of its own list: what it is asked for by std::terminate's handler.
struct ThreadExceptions {
    bool known = false;  // its variables are in the dump
    std::optional<CxxException> exception;  // the one begun last
};
[[nodiscard]] ThreadExceptions thread_exceptions(const core::Crash& crash);

// Exceptions the program is handling, on its heap: the last one that was begun. For where the frames that threw are gone.
[[nodiscard]] ExceptionSearch find_handled_exception(const core::Crash& crash);

// What the frames from the innermost to `last` (those of the runtime, and the one that threw) refer to.
[[nodiscard]] ExceptionSearch find_exception(const core::Crash& crash, std::size_t last);

}  // namespace abiscope::rules
