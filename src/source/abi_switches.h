// Switches of a compiler that make another ABI of the one it was asked for. clang, which reads the text, heeds them in its own way; the
// profiles do not have them. What clang's answer already holds (-fpack-struct, -fshort-enums, -fshort-wchar, -mms-bitfields, -march=) is
// not among them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "abi/profile.h"
#include "source/declarations.h"

namespace abiscope::source {

// Why no type can be laid out with these flags under that profile: the first that changes layouts, or the ABI altogether.
[[nodiscard]] std::optional<std::string> switch_against_layouts(const std::vector<std::string>& flags, const abi::Profile& profile);

// Without those that clang need not see: what is so anyhow (GCC's `-mabi=sysv`, which clang does not know), and what moves no type.
[[nodiscard]] std::vector<std::string> switches_for_clang(const std::vector<std::string>& flags, const abi::Profile& profile);

// Functions whose calls a flag changes, refused with the reason: `-mno-sse` changes those where floating point travels.
[[nodiscard]] bool has_switch_against_calls(const std::vector<std::string>& flags, const abi::Profile& profile);
void refuse_changed_calls(const std::vector<std::string>& flags, const abi::Profile& profile, Declarations& declarations);

// Of a program, whose compiler recorded its switches; `profile` is the name of its own. Whether one changes every call of a unit:
[[nodiscard]] bool is_switch_of_calls(std::string_view flag, std::string_view profile);
// One that changes the calls of some of its functions. What a switch changes in the layouts of types is recorded with them.
struct CallSwitch {
    std::string reason;   // why no call of those can be placed
    bool (*changes)(const abi::TypeTable& types, const abi::Signature& signature) = nullptr;
};
// `producer`: DW_AT_producer.
[[nodiscard]] std::vector<CallSwitch> recorded_call_switches(std::string_view producer, std::string_view profile);

}  // namespace abiscope::source
