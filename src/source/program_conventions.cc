#include "source/program_conventions.h"

#include <algorithm>
#include <cstdint>
#include <string_view>

#include <fmt/format.h>

#include "base/text.h"
#include "source/program_switches.h"

namespace abiscope::source {

namespace {

using abi::Convention;

// DW_CC_*: DWARF 5, 7.15, and LLVM 19, BinaryFormat/Dwarf.def for the vendors'.
struct Recorded {
    std::uint64_t number = 0;
    std::string_view name;
    std::optional<Convention> convention;   // empty: the engine has none of it
};
constexpr std::uint64_t cc_normal = 0x01, cc_program = 0x02, cc_nocall = 0x03, cc_aapcs_vfp = 0xc4;
constexpr Recorded recorded[] = {
    {cc_nocall, "DW_CC_nocall", {}},
    {0x40, "DW_CC_GNU_renesas_sh", {}},
    {0x41, "DW_CC_GNU_borland_fastcall_i386", {}},
    {0xb0, "DW_CC_BORLAND_safecall", {}},
    {0xb1, "DW_CC_BORLAND_stdcall", Convention::stdcall},
    {0xb2, "DW_CC_BORLAND_pascal", {}},
    {0xb3, "DW_CC_BORLAND_msfastcall", Convention::fastcall},
    {0xb4, "DW_CC_BORLAND_msreturn", {}},
    {0xb5, "DW_CC_BORLAND_thiscall", Convention::thiscall},
    {0xb6, "DW_CC_BORLAND_fastcall", {}},
    {0xc0, "DW_CC_LLVM_vectorcall", Convention::vectorcall64},
    {0xc1, "DW_CC_LLVM_Win64", Convention::win64},
    {0xc2, "DW_CC_LLVM_X86_64SysV", Convention::sysv_amd64},
    {0xc3, "DW_CC_LLVM_AAPCS", Convention::aapcs32_base},
    {cc_aapcs_vfp, "DW_CC_LLVM_AAPCS_VFP", Convention::aapcs32_vfp},
    {0xc5, "DW_CC_LLVM_IntelOclBicc", {}},
    {0xc6, "DW_CC_LLVM_SpirFunction", {}},
    {0xc7, "DW_CC_LLVM_OpenCLKernel", {}},
    {0xc8, "DW_CC_LLVM_Swift", {}},
    {0xc9, "DW_CC_LLVM_PreserveMost", {}},
    {0xca, "DW_CC_LLVM_PreserveAll", {}},
    {0xcb, "DW_CC_LLVM_X86RegCall", {}},
    {0xcc, "DW_CC_LLVM_M68kRTD", {}},
    {0xcd, "DW_CC_LLVM_PreserveNone", {}},
    {0xce, "DW_CC_LLVM_RISCVVectorCall", {}},
    {0xcf, "DW_CC_LLVM_SwiftTail", {}},
    {0xff, "DW_CC_GDB_IBM_OpenCL", {}},
};

ProgramConvention by_attribute(std::uint64_t number) {
    auto at = std::ranges::find(recorded, number, &Recorded::number);
    if (number == cc_nocall) return {{}, "its compiler changed how it is called, and says no more than that (DW_CC_nocall)"};
    if (at == std::end(recorded)) return {{}, fmt::format("its calling convention (DW_CC {:#x}) is not known", number)};
    if (!at->convention) return {{}, fmt::format("its calling convention ({}) is not modelled", at->name)};
    return {at->convention, {}};
}

// Microsoft Learn, "Decorated names": _name@bytes for __stdcall, @name@bytes for __fastcall, name@@bytes for __vectorcall. GCC leaves the
// first underscore out in DW_AT_linkage_name.
std::optional<Convention> by_decoration(std::string_view symbol) {
    std::size_t digits = symbol.find_last_not_of("0123456789");
    if (digits == std::string_view::npos || digits + 1 == symbol.size() || symbol[digits] != '@' || digits == 0) return std::nullopt;
    if (symbol.starts_with('@')) return digits > 1 ? std::optional(Convention::fastcall) : std::nullopt;
    return symbol[digits - 1] == '@' ? Convention::vectorcall32 : Convention::stdcall;
}

ProgramConvention by_switches(std::string_view producer, std::string_view profile) {
    for (std::string_view word : text::split(producer, " ")) {
        if (word == "-mabi=ms") return {Convention::win64, {}};
        if (word == "-mabi=sysv" && profile.starts_with("win64-")) return {Convention::sysv_amd64, {}};
        if (is_switch_of_calls(word, profile))
            return {{}, fmt::format("its unit was compiled with {}, which is not modelled", text::printable(word))};
    }
    return {};
}

}  // namespace

UnitCalls read_unit_calls(std::string_view producer, std::string_view profile) {
    UnitCalls unit{.by_clang = producer.find("clang") != std::string_view::npos,
                   .every = by_switches(producer, profile),
                   .some = recorded_call_switches(producer, profile),
                   .switches = call_switches(producer)};
    return unit;
}

const UnitCalls& ProgramCalls::of(std::string_view producer) {
    auto at = known_.find(producer);
    if (at == known_.end()) at = known_.emplace(producer, read_unit_calls(producer, profile_)).first;
    return at->second;
}

ProgramConvention convention_of(const dwarf::FunctionSignature& function, bool variadic, const UnitCalls& unit,
                                const debuginfo::ProgramAbi& own) {
    bool windows32 = own.profile.starts_with("win32-");
    bool usual_method = windows32 && function.has_this && !variadic;
    std::uint64_t number = function.calling_convention.value_or(cc_normal);
    if (number != cc_normal && number != cc_program) {
        ProgramConvention out = by_attribute(number);
        if (out.convention == Convention::thiscall && usual_method) out.convention.reset();
        return out;
    }
    if (windows32) {
        if (auto decorated = by_decoration(function.linkage_name)) return {decorated, {}};
    }
    // clang records each method that is __thiscall, so one of which it says nothing is not.
    if (usual_method && unit.by_clang) return {Convention::cdecl32, {}};
    return unit.every;
}

std::string switch_against_call(const UnitCalls& unit, const abi::TypeTable& types, const abi::Signature& signature) {
    auto at = std::ranges::find_if(unit.some, [&](const CallSwitch& one) { return one.changes(types, signature); });
    return at == unit.some.end() ? std::string() : at->reason;
}

}  // namespace abiscope::source
