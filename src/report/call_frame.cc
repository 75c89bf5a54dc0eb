#include <algorithm>

#include <fmt/format.h>

#include "abi/convention.h"
#include "base/text.h"
#include "report/call_view.h"

namespace abiscope::report {

namespace {

bool pushes_return_address(const abi::Profile& profile) {
    std::string_view cpu = abi::processor(profile);
    return cpu == "amd64" || cpu == "386" || cpu == "wasm" || cpu == "x86_64" || cpu == "i386" || cpu == "i686";
}

std::string name_of(const abi::Travels& travels, std::size_t index, std::string_view kind) {
    std::string name = travels.name.empty() ? fmt::format("{} {}", kind, index + 1) : text::printable(travels.name);
    return travels.passed == abi::Passed::by_pointer_to_copy || travels.passed == abi::Passed::by_hidden_reference ? "pointer to " + name
                                                                                                                   : name;
}

}  // namespace

std::string return_address(const abi::Profile& profile) {
    if (pushes_return_address(profile)) return "on the stack";
    std::string_view cpu = abi::processor(profile);
    if (cpu.starts_with("arm64") || cpu.starts_with("aarch64")) return profile.compiler == abi::Compiler::go ? "R30" : "x30";
    if (cpu.starts_with("arm")) return profile.compiler == abi::Compiler::go ? "R14" : "lr";
    if (cpu.starts_with("riscv")) return profile.compiler == abi::Compiler::go ? "X1" : "ra";
    return "the link register";
}

std::vector<StackRun> stack_runs(const ProfileCall& one) {
    const abi::Call& call = *one.call;
    bool pushed = pushes_return_address(*one.profile);
    auto shift = static_cast<std::int64_t>(pushed ? one.profile->pointer : 0);
    std::vector<StackRun> runs;
    auto add = [&](std::int64_t offset, std::uint64_t size, std::string what) {
        if (size != 0) runs.push_back({.at_call = offset, .at_entry = offset + shift, .size = size, .what = std::move(what)});
    };
    auto values = [&](const std::vector<abi::Travels>& all, std::string_view kind) {
        for (std::size_t i = 0; i < all.size(); ++i) {
            for (const abi::Location& location : all[i].locations) {
                if (location.kind != abi::LocationKind::stack) continue;
                std::string what = name_of(all[i], i, kind);
                if (all[i].locations.size() > 1)
                    what += fmt::format(", bytes {} to {}", location.byte_offset, location.byte_offset + location.size - 1);
                add(location.stack_offset, location.size, std::move(what));
            }
            if (all[i].spill_offset && one.profile->compiler == abi::Compiler::go)
                add(static_cast<std::int64_t>(*all[i].spill_offset), 0, {});
        }
    };
    values(call.arguments, "argument");
    values(call.results, "result");
    for (std::size_t i = 0; i < call.arguments.size(); ++i) {
        const abi::Travels& argument = call.arguments[i];
        if (!argument.spill_offset) continue;
        std::uint64_t size = 0;
        for (const abi::Location& location : argument.locations) size = std::max(size, location.byte_offset + location.size);
        add(static_cast<std::int64_t>(*argument.spill_offset), size,
            fmt::format("room for the callee to spill {}", name_of(argument, i, "argument")));
    }
    add(0, call.shadow_space, "shadow space: the callee may store its register arguments here");
    if (auto data = abi::convention_data(call.convention, abi::processor(*one.profile)); data && (*data)->linkage != 0)
        add(0, (*data)->linkage, "linkage: the callee keeps the return address here");
    if (pushed) add(-shift, one.profile->pointer, "return address, pushed by the call");
    if (call.red_zone != 0) {
        auto size = static_cast<std::int64_t>(call.red_zone);
        runs.push_back({.at_call = -shift - size,
                        .at_entry = -size,
                        .size = call.red_zone,
                        .what = "red zone: below the stack pointer, and safe from signal handlers"});
    }
    std::ranges::stable_sort(runs, std::greater(), &StackRun::at_call);
    return runs;
}

}  // namespace abiscope::report
