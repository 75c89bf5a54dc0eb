#include "inspect/pe_facts.h"

#include <fmt/format.h>

#include "base/text.h"
#include "inspect/elf_producers.h"
#include "pe/clr.h"
#include "pe/hardening.h"
#include "pe/rich.h"

namespace abiscope::inspect {

namespace {

HardeningState state(bool yes) { return yes ? HardeningState::yes : HardeningState::no; }

HardeningState state(std::optional<bool> yes) { return yes ? state(*yes) : HardeningState::not_applicable; }

}  // namespace

std::vector<Hardening> pe_hardening(const pe::Image& image, finding::Sink& sink) {
    std::vector<Hardening> out;
    auto facts = pe::read_hardening(image, sink);
    if (!facts) return out;
    auto add = [&](std::string key, std::string label, HardeningState value, std::string because, std::string detail = {}) {
        out.push_back({std::move(key), std::move(label), value, std::move(detail), std::move(because)});
    };
    bool moves = facts->dynamic_base && !facts->relocations_stripped;
    add("pie", "ASLR", state(moves),
        facts->dynamic_base ? (facts->relocations_stripped ? "DYNAMIC_BASE, but the relocations are stripped" : "DYNAMIC_BASE")
                            : "no DYNAMIC_BASE");
    add("high_entropy", "high-entropy ASLR", state(facts->high_entropy_va),
        facts->high_entropy_va.value_or(false) ? "HIGH_ENTROPY_VA" : "no HIGH_ENTROPY_VA");
    add("nx", "DEP", facts->nx_compat || image.wide() ? HardeningState::yes : HardeningState::no,
        facts->nx_compat   ? "NX_COMPAT"
            : image.wide() ? "always on for 64-bit processes"
                           : "no NX_COMPAT");
    bool guarded = facts->guard_cf && facts->guard_functions != 0;
    add("cfg", "CFG", facts->guard_cf && !guarded ? HardeningState::partial : state(guarded),
        !facts->guard_cf ? "no GUARD_CF"
            : guarded    ? "GUARD_CF"
                         : "GUARD_CF, but no table of call targets",
        guarded ? counted(facts->guard_functions, "call target") : std::string());
    add("canary", "stack cookie", state(facts->security_cookie),
        facts->security_cookie ? "security cookie of the load configuration" : "no security cookie in a load configuration");
    if (facts->safe_seh) add("safe_seh", "SafeSEH", state(facts->safe_seh), "load configuration");
    add("cet", "CET shadow stack", state(facts->cet_compat),
        facts->cet_compat.value_or(false) ? "EX_DLLCHARACTERISTICS_CET_COMPAT" : "no EX_DLLCHARACTERISTICS_CET_COMPAT");
    add("signature", "code signature", facts->certificate ? HardeningState::yes : HardeningState::no,
        facts->certificate ? "a certificate table is present (whether it is valid is not checked)" : "no certificate table");
    if (facts->force_integrity) add("force_integrity", "signature forced", HardeningState::yes, "FORCE_INTEGRITY");
    return out;
}

std::vector<Producer> pe_producers(const pe::Image& image, bool is_go, finding::Sink& sink) {
    std::vector<Producer> out;
    if (is_go) out.push_back({"Go linker", "build information"});
    if (auto rich = pe::read_rich_header(image, sink); rich && *rich) {
        // The entry with the highest build number is the newest tool of the chain: usually the linker.
        std::uint16_t newest = 0;
        for (const pe::RichEntry& entry : (*rich)->entries) newest = std::max(newest, entry.build);
        out.push_back(
            {fmt::format("Microsoft tools, newest build {}", newest),
             fmt::format("Rich header, {}",
                         (*rich)->entries.size() == 1 ? std::string("1 entry") : fmt::format("{} entries", (*rich)->entries.size()))});
    }
    if (auto clr = pe::read_clr(image, sink); clr && *clr) {
        out.push_back(
            {fmt::format(".NET, runtime {}{}", text::printable((*clr)->runtime_version), (*clr)->ready_to_run ? ", ReadyToRun" : ""),
             "CLR header"});
    }
    for (const pe::Section& section : image.sections()) {
        if (is_go || section.writable() || section.executable()) continue;
        if (std::string tool = rust_compiler(image.from_rva(section.rva)); !tool.empty()) {
            out.push_back({std::move(tool), "paths of the standard library in panic messages"});
            break;
        }
    }
    for (const pe::Section& section : image.sections()) {
        if (section.name.starts_with("UPX")) {
            out.push_back({"UPX packer", "section " + text::printable(section.name)});
            break;
        }
    }
    return out;
}

}  // namespace abiscope::inspect
