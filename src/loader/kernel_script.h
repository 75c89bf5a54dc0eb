// binfmt_script: the #! line (load_script() of fs/binfmt_script.c).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "bytes/view.h"
#include "target/target.h"

namespace abiscope::loader {

struct HashBang {
    enum class Kind : std::uint8_t {
        none,            // the file does not start with #!
        interpreter,
        no_name,         // ENOEXEC: nothing but blanks after #!
        cut_off,         // ENOEXEC: the interpreter's name runs past what the kernel reads of a file
        unknown,         // this kernel's rule for such a long line is not known
    };
    Kind kind = Kind::none;
    std::string interpreter;
    std::optional<std::string> argument;   // everything after the name, as one argument
    std::uint64_t offset = 0;              // of the interpreter's name in the file
};

[[nodiscard]] HashBang read_hash_bang(View file, const target::Kernel& kernel);

}  // namespace abiscope::loader
