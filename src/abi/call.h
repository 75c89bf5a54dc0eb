// Which register or stack slot each argument and result of a call travels in under a profile, and which rule put it there. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "abi/profile.h"
#include "abi/type.h"
#include "base/result.h"

namespace abiscope::abi {

struct Parameter {
    std::string name;
    TypeId type = TypeId::none;
};

// GCC's switch, a power of two behind it.
inline constexpr std::string_view stack_boundary = "-mpreferred-stack-boundary=";

enum class Structor : std::uint8_t { none, constructor, destructor };

struct Signature {
    std::string name;
    Language language = Language::c;
    std::optional<Convention> convention;      // by attribute: __stdcall, ms_abi, sysv_abi; empty: the profile's
    // `convention` was read from a program: an ABI that has none of the name leaves it out, as its compilers do with the attribute.
    bool convention_recorded = false;
    std::vector<Parameter> parameters;         // those of `...` included, at the end
    std::optional<std::uint32_t> named;        // of a variadic function: how many parameters are named; empty: not variadic
    bool prototyped = true;                    // false: `int f()` of C before C23
    std::vector<Parameter> results;            // none for void; several in Go
    bool no_return = false;                    // declared as one that never returns
    std::vector<std::string> switches;  // as Profile::flags, of its text or unit: -mavx, -mavx512f, -mno-red-zone, stack_boundary
    std::optional<TypeId> receiver;  // the class of a non-static member function, or the type of a Go method's receiver
    std::uint32_t regparm = 0;  // attribute of 32-bit x86: how many integer registers arguments take; 0: the convention's
    Structor structor = Structor::none;  // of whole objects or of bases, without results; not what deletes the object, too
};

enum class LocationKind : std::uint8_t { general_register, vector_register, x87_register, stack };

// A run of bytes of one value, where it travels.
struct Location {
    LocationKind kind = LocationKind::stack;
    std::string name;  // of the register, as an assembler writes it; empty on the stack
    std::int64_t stack_offset = 0;  // bytes from the stack pointer at the call instruction (before a return address is pushed)
    std::uint64_t byte_offset = 0;  // in the value
    std::uint64_t size = 0;  // bytes
    bool also = false;  // a second copy of the same bytes (Win64 varargs: xmm and general register)
};

enum class Passed : std::uint8_t {
    directly,
    by_pointer_to_copy,  // the caller copies, the pointer travels
    by_hidden_reference,  // a class that may not be copied bitwise
    through_result_pointer,  // a result: the caller names the place
    ignored,  // empty: nothing travels
};

// One step of the way to a decision, for --explain.
struct Step {
    std::string what;  // "eightbyte 1: double is SSE, int is INTEGER: INTEGER"
    std::string rule;  // document and section
};

struct Travels {
    std::string name;
    TypeId type = TypeId::none;
    Passed passed = Passed::directly;
    std::string class_name;  // in the words of the ABI: INTEGER+SSE, HFA, by reference
    std::vector<Location> locations;  // of the value, or of the pointer to it
    bool variadic = false;
    std::optional<std::uint64_t> spill_offset;  // Go: in the spill area
    std::vector<Step> steps;
};

struct Call {
    Convention convention = Convention::sysv_amd64;
    std::vector<Travels> arguments;  // hidden ones (this, the result's place) first where they travel first, named so
    std::vector<Travels> results;
    std::uint64_t stack_arguments = 0;  // bytes of stack that the arguments take
    std::uint64_t spill_space = 0;  // Go
    std::uint32_t stack_alignment = 16;  // bytes, of the stack pointer at the call instruction
    std::uint32_t shadow_space = 0;  // bytes the caller leaves for the callee (Win64)
    std::uint32_t red_zone = 0;  // bytes below the stack pointer that signal handlers leave alone
    bool callee_pops = false;
    std::uint64_t callee_pops_bytes = 0;
    std::vector<std::string> callee_saved;
    std::vector<Step> notes;  // AL for varargs, who extends narrow integers...
};

// Errors as of lay_out().
[[nodiscard]] Result<Call> place_call(const TypeTable& types, const Signature& signature, const Profile& profile);

}  // namespace abiscope::abi
