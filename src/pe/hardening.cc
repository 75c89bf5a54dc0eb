#include "pe/hardening.h"

#include "pe/image.h"
#include "pe/load_config.h"
#include "pe/notes.h"

namespace abiscope::pe {

namespace {

void add_load_config(const Image& image, const LoadConfig& config, Hardening& facts) {
    facts.guard_flags = static_cast<std::uint32_t>(config.get(LoadConfigField::guard_flags).value_or(0));
    facts.guard_functions = config.get(LoadConfigField::guard_cf_function_count).value_or(0);
    facts.guard_xfg = (facts.guard_flags & guard_flag::xfg_enabled) != 0;
    facts.guard_eh_continuations = (facts.guard_flags & guard_flag::eh_continuation_table_present) != 0;
    facts.security_cookie = config.get(LoadConfigField::security_cookie).value_or(0) != 0;
    if (image.machine() != machine::i386) return;
    facts.safe_handlers = config.get(LoadConfigField::se_handler_count);
    if (config.get(LoadConfigField::se_handler_table).value_or(0) != 0) facts.safe_seh = true;
}

}  // namespace

Result<Hardening> read_hardening(const Image& image, finding::Sink& sink) {
    if (!image.optional()) return fail(ErrorCode::unsupported, "an object file asks the loader for nothing");
    std::uint16_t bits = image.optional()->dll_characteristics;
    auto has = [bits](std::uint16_t bit) { return (bits & bit) != 0; };
    Hardening facts;
    facts.dynamic_base = has(dll_characteristic::dynamic_base);
    facts.relocations_stripped = (image.coff().characteristics & characteristic::relocs_stripped) != 0;
    if (image.wide()) facts.high_entropy_va = has(dll_characteristic::high_entropy_va);
    facts.nx_compat = has(dll_characteristic::nx_compat);
    facts.guard_cf = has(dll_characteristic::guard_cf);
    facts.force_integrity = has(dll_characteristic::force_integrity);
    facts.app_container = has(dll_characteristic::appcontainer);
    facts.no_isolation = has(dll_characteristic::no_isolation);
    facts.certificate = image.directory(Directory::certificates).has_value();
    if (image.machine() == machine::i386) {
        facts.no_seh = has(dll_characteristic::no_seh);
        facts.safe_seh = facts.no_seh;
    }
    bool x86 = image.machine() == machine::i386 || image.machine() == machine::amd64;
    if (x86) facts.cet_compat = false;
    ABISCOPE_TRY(auto config, read_load_config(image, sink));
    if (config) add_load_config(image, *config, facts);
    ABISCOPE_TRY(DebugDirectory debug, read_debug_directory(image, sink));
    facts.reproducible = debug.reproducible.has_value();
    if (x86 && debug.ex_dll_characteristics) facts.cet_compat = (*debug.ex_dll_characteristics & ex_dll_characteristic::cet_compat) != 0;
    return facts;
}

}  // namespace abiscope::pe
