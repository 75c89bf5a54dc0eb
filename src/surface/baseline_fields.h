// What a baseline holds, field by field and in order: the one list that both the writer and the reader go through, so that they cannot
// differ. `Archive` takes numbers, texts, optionals, lists and enumerations; every change here is a new version of the format.
#pragma once

#include "surface/surface.h"

namespace abiscope::surface {

template <typename Archive>
void fields(Archive& archive, inspect::Subject& subject) {
    archive(subject.path, subject.format, subject.arch, subject.bits, subject.endian, subject.kind, subject.build_id, subject.sha256,
            subject.size);
}

template <typename Archive>
void fields(Archive& archive, Symbol& symbol) {
    archive(symbol.name, symbol.version, symbol.default_version, symbol.kind, symbol.binding, symbol.visibility, symbol.size,
            symbol.ordinal, symbol.forwarder, symbol.described, symbol.type, symbol.function, symbol.switches, symbol.call_unknown);
}

template <typename Archive>
void fields(Archive& archive, Missing& missing) {
    archive(missing.types, missing.calls, missing.damaged);
}

template <typename Archive>
void fields(Archive& archive, abi::Parameter& parameter) {
    archive(parameter.name, parameter.type);
}

template <typename Archive>
void fields(Archive& archive, abi::Signature& signature) {
    archive(signature.language, signature.convention, signature.convention_recorded, signature.parameters, signature.named,
            signature.prototyped, signature.no_return, signature.results, signature.switches, signature.receiver);
}

template <typename Archive>
void fields(Archive& archive, abi::Observed& observed) {
    archive(observed.size, observed.alignment, observed.bit_offset);
}

template <typename Archive>
void fields(Archive& archive, abi::Field& field) {
    archive(field.name, field.type, field.bit_width, field.alignment, field.packed, field.no_unique_address, field.access, field.embedded,
            field.observed);
}

template <typename Archive>
void fields(Archive& archive, abi::Base& base) {
    archive(base.type, base.is_virtual, base.access, base.observed);
}

template <typename Archive>
void fields(Archive& archive, abi::VirtualFunction& function) {
    archive(function.signature, function.pure, function.linkage_name, function.slot, function.type);
}

template <typename Archive>
void fields(Archive& archive, abi::Variant& variant) {
    archive(variant.name, variant.discriminant, variant.fields);
}

template <typename Archive>
void fields(Archive& archive, abi::SpecialMembers& special) {
    archive(special.default_constructor, special.copy_constructor, special.move_constructor, special.copy_assignment,
            special.move_assignment, special.destructor, special.other_constructor, special.inherited_constructors);
}

template <typename Archive>
void fields(Archive& archive, abi::Record& record) {
    archive(record.kind, record.complete, record.bases, record.fields, record.virtual_functions, record.template_arguments, record.special,
            record.packed, record.pack, record.discriminant, record.variants, record.passed_by_value);
}

template <typename Archive>
void fields(Archive& archive, abi::Enumerator& enumerator) {
    archive(enumerator.name, enumerator.value);
}

template <typename Archive>
void fields(Archive& archive, abi::Enumeration& enumeration) {
    archive(enumeration.fixed, enumeration.scoped, enumeration.packed, enumeration.least, enumeration.greatest, enumeration.enumerators);
}

template <typename Archive>
void fields(Archive& archive, abi::Function& function) {
    archive(function.result, function.parameters, function.variadic, function.calling_convention);
}

// The detail of its kind follows a type.
template <typename Archive>
void fields(Archive& archive, abi::Type& type) {
    archive(type.kind, type.language, type.scalar, type.name, type.target, type.owner, type.count, type.bits, type.alignment, type.is_const,
            type.is_volatile, type.unsigned_character, type.order, type.observed, type.declared.file, type.declared.line);
}

template <typename Archive>
void fields(Archive& archive, Surface& surface) {
    archive(surface.subject, surface.compared, surface.soname, surface.needed, surface.undefined, surface.versions, surface.variant,
            surface.profile, surface.symbols, surface.functions, surface.alignments, surface.missing);
}

}  // namespace abiscope::surface
