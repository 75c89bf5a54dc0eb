// The border between this program and its clang: a module of its own (src/clang/), loaded when a text in C or C++ is first read, so that no
// other command pays for clang's 100 MB, and a program that was built without it still works. Both sides are built together.
#pragma once

#include <string>
#include <vector>

#include "source/compiler_headers.h"
#include "source/declarations.h"

namespace abiscope::source {

struct ClangRequest {
    std::string file;  // path; or the name to show for a text that is no file, which is then in <>
    std::string text;
    abi::Language language = abi::Language::c;
    std::string triple;
    bool gcc = false;  // attributes mean what GCC makes of them, where clang does not
    bool texts = false;  // Declarations::texts too, of C
    // What is asked for by name: functions of headers, typedefs of records with a name of their own. Patterns; what the text itself
    // declares is read in any case.
    std::vector<std::string> types, functions;
    std::vector<CompilerHeader> headers;  // found before clang's own
    std::vector<std::string> flags;  // as clang's driver takes them
};

struct ClangAnswer {
    Declarations declarations;
    std::vector<std::string> errors;  // "FILE:LINE:COLUMN: words"; any: the declarations are not to be used
};

using ClangRead = void (*)(const ClangRequest&, ClangAnswer&);

inline constexpr const char* clang_module_file = "abiscope-clang.so";
inline constexpr const char* clang_read_symbol = "abiscope_clang_read";
inline constexpr const char* clang_build_symbol = "abiscope_clang_build";  // const char[]: the version it was built with

// Opens the module. Errors: unsupported, naming what to install, when it is not there.
[[nodiscard]] Result<ClangRead> open_clang();

}  // namespace abiscope::source
