// What the tests of calls share: types in their textual form, and one call placed under one profile.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "abi/call.h"
#include "abi/profile_catalogue.h"
#include "base/text.h"
#include "support/type_text.h"

namespace abiscope::abi {

inline constexpr std::string_view gcc = "sysv-amd64/gcc-12", clang = "sysv-amd64/clang-19", msvc = "win64-msvc/clang-19",
                                  mingw = "win64-mingw/gcc-12", arm = "aapcs64/gcc-12", apple = "apple-arm64/clang-19",
                                  riscv = "lp64d-riscv64/gcc-12", i386 = "sysv-i386/gcc-12", arm32 = "aapcs32/gcc-12",
                                  win32 = "win32-msvc/clang-19", go = "go-amd64/go1.19";

inline constexpr std::string_view c_types = R"(
struct Z c
field a float
field - int bits=0
field b float
end
struct U c
field - llong bits=64
field a llong
end
struct PK c packed
field c char
field i int
end
struct PKa c packed
field i int
field c char
end
struct C3 c
field a array(3,char)
end
struct C16 c
field a array(16,char)
end
struct C17 c
field a array(17,char)
end
struct F1 c
field f float
end
struct F2 c
field a float
field b float
end
struct F3 c
field f array(3,float)
end
struct D4 c
field d array(4,double)
end
struct LD c
field a llong
field b double
end
struct DIF c
field a double
field b int
field c float
end
struct I3 c
field i array(3,int)
end
union UL c
field l ldouble
field i int
end
struct SL c
field l ldouble
end
struct E c
end
)";

inline constexpr std::string_view cxx_types = R"(
struct E cxx
end
struct NT cxx
field a int
special copy_constructor user_provided
special destructor user_provided
end
struct HoldsNT cxx
field n NT
end
struct Ctor cxx
field a int
constructor
end
struct Pr cxx
field a int private
special default_constructor defaulted
end
struct B cxx
field a int
end
struct D cxx
base B
field b int
end
struct MoveOnly cxx
field a int
special move_constructor defaulted
end
struct Pinned cxx
field a int
special copy_constructor deleted
end
struct Virtual cxx
field a int
virtual f()
end
struct Destroyed cxx
field a int
special destructor user_provided
end
struct S1 cxx
field e E
field f float
end
struct S3 cxx
base E
field d double
end
struct S4 cxx
field a long align=16
end
struct Big cxx
field a array(8,int)
end
)";

// "rdi", "xmm0 xmm1@8", "sp+8", "*rdi" for a pointer to what travels, "(rax)" for a second copy.
inline std::string places(const Travels& travels) {
    if (travels.passed == Passed::ignored && travels.locations.empty()) return "ignored";
    std::string out;
    for (const Location& location : travels.locations) {
        std::string name = location.kind == LocationKind::stack ? fmt::format("sp+{}", location.stack_offset) : location.name;
        if (location.byte_offset != 0) name += fmt::format("@{}", location.byte_offset);
        out += (out.empty() ? "" : " ") + (location.also ? "(" + name + ")" : name);
    }
    bool pointer = travels.passed == Passed::by_pointer_to_copy || travels.passed == Passed::by_hidden_reference;
    if (travels.passed == Passed::through_result_pointer) return "memory";
    return (pointer ? "*" : "") + out;
}

struct Answer {
    Call call;
    std::string arguments;  // joined by ", ", hidden ones as "this=rdi"
    std::string results;
};

struct Extra {
    std::optional<std::uint32_t> named;
    std::optional<Convention> convention;
    std::string_view receiver;
    bool trivial_abi = false;   // of every record
    bool recorded = false;      // the convention
    std::optional<bool> by_value;   // Record::passed_by_value, of every record
    std::vector<std::string> switches = {};
    Structor structor = Structor::none;
};

inline Answer ask(std::string_view profile, std::string_view types, std::string_view parameters, std::string_view results = "",
                  const Extra& extra = {}) {
    auto found = find_profile(profile);
    if (!found) {
        ADD_FAILURE() << found.error().describe();
        return {};
    }
    test::TypeText text(types);
    if (extra.trivial_abi) {
        for (auto& [name, id] : text.named) {
            if (Record* record = text.table.record(id)) record->trivial_abi = true;
        }
    }
    for (auto& [name, id] : text.named) {
        if (Record* record = text.table.record(id)) record->passed_by_value = extra.by_value;
    }
    Signature signature{.name = "f", .convention = extra.convention, .convention_recorded = extra.recorded, .named = extra.named};
    signature.switches = extra.switches;
    signature.structor = extra.structor;
    for (std::string_view word : text::split(parameters, " ")) {
        if (!word.empty()) signature.parameters.push_back({"p", text.type(word)});
    }
    for (std::string_view word : text::split(results, " ")) {
        if (!word.empty()) signature.results.push_back({"r", text.type(word)});
    }
    if (!extra.receiver.empty()) signature.receiver = text.type(extra.receiver);
    auto call = place_call(text.table, signature, *found);
    if (!call) {
        ADD_FAILURE() << profile << ": " << call.error().describe();
        return {};
    }
    Answer out{.call = *call};
    for (const Travels& travels : call->arguments) {
        std::string hidden = travels.name == "p" ? "" : travels.name + "=";
        out.arguments += (out.arguments.empty() ? "" : ", ") + hidden + places(travels);
        for (const Step& step : travels.steps) EXPECT_FALSE(step.rule.empty()) << step.what;
    }
    for (const Travels& travels : call->results) out.results += (out.results.empty() ? "" : ", ") + places(travels);
    return out;
}

inline std::string arguments(std::string_view profile, std::string_view types, std::string_view parameters, const Extra& extra = {}) {
    return ask(profile, types, parameters, "", extra).arguments;
}

inline std::string result(std::string_view profile, std::string_view types, std::string_view type) {
    return ask(profile, types, "", type).results;
}

}  // namespace abiscope::abi
