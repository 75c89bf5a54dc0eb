#include "abi/call.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "abi/call_placement.h"

namespace abiscope::abi {

namespace {

constexpr std::uint64_t largest_stack = std::uint64_t{1} << 62;

bool is_windows_x86(const Profile& profile) { return profile.convention == Convention::cdecl32; }
bool is_x86_64(const Profile& profile) { return profile.convention == Convention::sysv_amd64 || profile.convention == Convention::win64; }

bool available(Convention convention, const Profile& profile) {
    switch (convention) {
        case Convention::sysv_amd64:
        case Convention::win64: return is_x86_64(profile);
        // clang has it for System V too, without shadow space: that one has no engine.
        case Convention::vectorcall64: return profile.convention == Convention::win64;
        case Convention::sysv_i386:
        case Convention::cdecl32:
        case Convention::stdcall:
        case Convention::fastcall:
        case Convention::thiscall:
        case Convention::vectorcall32: return is_windows_x86(profile) || profile.convention == Convention::sysv_i386;
        case Convention::aapcs32_base:
        case Convention::aapcs32_vfp:
            return profile.convention == Convention::aapcs32_base || profile.convention == Convention::aapcs32_vfp;
        default: return convention == profile.convention;
    }
}

// One attribute, of which 32-bit and 64-bit x86 have each their own reading.
Convention vectorcall_of(Convention convention, const Profile& profile) {
    bool is_vectorcall = convention == Convention::vectorcall64 || convention == Convention::vectorcall32;
    if (!is_vectorcall) return convention;
    return is_x86_64(profile) ? Convention::vectorcall64 : Convention::vectorcall32;
}

// Whether the profile's compilers know the attribute.
bool exists(Convention convention, const Profile& profile) {
    Convention meant = vectorcall_of(convention, profile);
    return available(meant, profile) || (meant == Convention::vectorcall64 && is_x86_64(profile));
}

// Microsoft Learn, __thiscall: the convention of member functions without `...`; MinGW's compilers follow since GCC 4.7.
Convention convention_of(const Signature& signature, const Profile& profile) {
    std::optional<Convention> asked = signature.convention;
    if (asked) asked = vectorcall_of(*asked, profile);
    if (asked && signature.convention_recorded && !exists(*asked, profile)) asked.reset();
    Convention chosen = asked.value_or(profile.convention);
    if (!asked && is_windows_x86(profile) && signature.receiver) chosen = Convention::thiscall;
    // A variadic function's callee cannot pop what it cannot count.
    bool is_x86 = chosen == Convention::stdcall || chosen == Convention::fastcall || chosen == Convention::thiscall ||
        chosen == Convention::vectorcall32;
    if (signature.named && is_x86) return is_windows_x86(profile) ? Convention::cdecl32 : profile.convention;
    if (signature.named && chosen == Convention::vectorcall64) return profile.convention;
    return chosen;
}

Result<void> place(CallPlacement& placement) {
    switch (placement.call.convention) {
        case Convention::sysv_amd64: return place_sysv_amd64(placement);
        case Convention::win64:
        case Convention::vectorcall64: return place_win64(placement);
        case Convention::sysv_i386: return place_i386(placement);
        case Convention::cdecl32:
        case Convention::stdcall:
        case Convention::fastcall:
        case Convention::thiscall:
        case Convention::vectorcall32:
            return placement.profile.convention == Convention::sysv_i386 ? place_i386(placement) : place_windows32(placement);
        case Convention::aapcs64:
        case Convention::apple_arm64:
        case Convention::win_arm64: return place_aapcs64(placement);
        case Convention::aapcs32_base:
        case Convention::aapcs32_vfp: return place_aapcs32(placement);
        case Convention::lp64d: return place_riscv(placement);
        case Convention::go_stack:
        case Convention::go_register: return place_go(placement);
    }
    return fail(ErrorCode::internal, "a convention without an engine");
}

}  // namespace

Result<Call> place_call(const TypeTable& types, const Signature& signature, const Profile& profile) {
    Convention convention = convention_of(signature, profile);
    if (!available(convention, profile)) {
        std::string_view what = exists(convention, profile) ? "not modelled under" : "no calling convention of";
        return fail(ErrorCode::unsupported, fmt::format("{} is {} {}", to_string(convention), what, profile.abi));
    }
    bool is_go = convention == Convention::go_stack || convention == Convention::go_register;
    if (!is_go && signature.results.size() > 1) return fail(ErrorCode::bad_usage, "more than one result outside Go");
    if (signature.named && *signature.named > signature.parameters.size()) {
        return fail(ErrorCode::bad_usage, "more named parameters than parameters");
    }
    ABISCOPE_TRY(const ConventionData* data, convention_data(convention, processor(profile)));
    CallPlacement placement(types, signature, profile, convention, *data);
    ABISCOPE_CHECK(place(placement));
    if (signature.regparm != 0) ABISCOPE_CHECK(place_regparm(placement));
    if (placement.stack > largest_stack) return fail(ErrorCode::overflow, "arguments that fit no stack");
    placement.call.stack_arguments = placement.stack;
    if (signature.convention_recorded && signature.convention && !exists(*signature.convention, profile)) {
        placement.note(fmt::format("compilers for {} leave the attribute {} out", profile.abi, to_string(*signature.convention)),
                       "GCC and clang: the attribute is ignored, with a warning");
    }
    return std::move(placement.call);
}

}  // namespace abiscope::abi
