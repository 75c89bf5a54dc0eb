#include "macho/hardening.h"

#include "macho/code_signature.h"
#include "macho/imports.h"
#include "macho/notes.h"
#include "macho/spec.h"

namespace abiscope::macho {

namespace {

bool is_fortified(std::string_view name) { return name.starts_with("___") && name.ends_with("_chk") && name != "___chk"; }

void add_imports(const Imports& imports, Hardening& facts) {
    for (const Import& import : imports.imports) {
        facts.stack_canary = facts.stack_canary || import.name == "___stack_chk_fail";
        facts.fortify = facts.fortify || is_fortified(import.name);
        facts.arc = facts.arc || import.name == "_objc_release";
    }
}

void add_signature(const CodeSignature& signature, Hardening& facts) {
    const CodeDirectory* directory = signature.directory();
    if (directory == nullptr) return;
    facts.is_signed = true;
    facts.adhoc = directory->has(cs_adhoc);
    facts.linker_signed = directory->has(cs_linker_signed);
    facts.hardened_runtime = directory->has(cs_runtime);
    facts.library_validation = directory->has(cs_require_library_validation);
    facts.has_certificate = signature.has_cms;
    facts.has_entitlements = signature.entitlements.has_value() || signature.has_der_entitlements;
}

}  // namespace

Result<Hardening> read_hardening(const Image& image) {
    finding::Sink unused;
    Hardening facts;
    const Header& header = image.header();
    facts.pie = header.has(mh_pie);
    facts.no_heap_execution = header.has(mh_no_heap_execution);
    facts.allows_stack_execution = header.has(mh_allow_stack_execution);
    facts.pointer_auth = header.pointer_auth_abi();
    facts.restricted = image.find_section("__RESTRICT", "__restrict") != nullptr;
    ABISCOPE_TRY(auto imports, read_imports(image, unused));
    add_imports(imports, facts);
    ABISCOPE_TRY(auto notes, read_notes(image, unused));
    facts.encrypted = notes.encryption && notes.encryption->id != 0;
    ABISCOPE_TRY(auto signature, read_code_signature(image, unused));
    if (signature) add_signature(*signature, facts);
    return facts;
}

}  // namespace abiscope::macho
