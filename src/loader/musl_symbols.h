// Which definition a name is bound to (find_sym, gnu_lookup, sysv_lookup and get_lfs64 of ldso/dynlink.c).
#pragma once

#include <cstdint>
#include <string_view>

#include "loader/musl_process.h"

namespace abiscope::loader::musl {

struct Definition {
    const Object* object = nullptr;    // null: not found
    elf::Symbol symbol;
    bool taken_for_granted = false;    // nobody known has it; `object` exports what is not known
};

enum class Need : std::uint8_t {
    any,               // an undefined symbol with an address (a program's own PLT entry) will do
    definition,        // for calls: st_shndx must not be 0
};

// First in load order, from chain[from] on. Versions are not looked at; names with the hidden bit in DT_VERSYM are not seen at all, and the
// first seen name of each object decides for that object, even if it does not count. Check stopped() afterwards.
[[nodiscard]] Definition find(Process& process, std::size_t from, std::string_view name, Need need);

// In one object alone.
[[nodiscard]] Definition find_in(Process& process, const Object& object, std::string_view name, Need need);

// open64 and its like, which the loader binds to open since 1.2.4. The name without "64", or nothing.
[[nodiscard]] std::string_view plain_name_of_large_file_alias(std::string_view name);

}  // namespace abiscope::loader::musl
