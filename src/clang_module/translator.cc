#include "clang_module/translator.h"

#include <utility>

#include <clang/AST/Attr.h>
#include <clang/AST/DeclTemplate.h>
#include <clang/Basic/SourceManager.h>
#include <clang/Basic/TargetInfo.h>

#include "clang_module/scalars.h"

namespace abiscope::clang_reader {

namespace {

// clang itself refuses brackets deeper than 256; names of types can chain further.
constexpr unsigned deepest = 1000;

}  // namespace

Translator::Translator(clang::ASTContext& context, bool gcc, const std::vector<IgnoredAttribute>& ignored, source::Declarations& out)
    : context_(context),
      gcc_(gcc),
      ignored_(ignored),
      out_(out),
      policy_(context.getPrintingPolicy()),
      language_(context.getLangOpts().CPlusPlus ? abi::Language::cxx : abi::Language::c) {
    policy_.SuppressTagKeyword = true;
    policy_.AnonymousTagLocations = false;
    policy_.SuppressDefaultTemplateArgs = true;
}

abi::TypeId Translator::add(abi::Type type) {
    type.language = language_;
    return out_.types.add(std::move(type));
}

abi::TypeId Translator::unknown(const std::string& why) { return add({.kind = abi::Kind::unknown, .name = why}); }

abi::SourceLine Translator::line_of(const clang::Decl& declaration) const {
    clang::PresumedLoc place = context_.getSourceManager().getPresumedLoc(declaration.getLocation());
    if (place.isInvalid()) return {};
    return {.file = place.getFilename(), .line = place.getLine()};
}

std::string Translator::name_of(const clang::NamedDecl& declaration) const {
    if (declaration.getDeclName().isEmpty()) {
        const auto* tag = llvm::dyn_cast<clang::TagDecl>(&declaration);
        const clang::TypedefNameDecl* name = tag == nullptr ? nullptr : tag->getTypedefNameForAnonDecl();
        return name == nullptr ? std::string() : name_of(*name);
    }
    std::string name;
    llvm::raw_string_ostream stream(name);
    declaration.getNameForDiagnostic(stream, policy_, true);
    return name;
}

std::uint32_t Translator::alignment_of(const clang::Decl& declaration) const {
    // GCC 12, c-family/c-attribs.cc, common_handle_aligned_attribute: of several on a type or typedef the last one holds, of a member's
    // the strictest (C++11 [dcl.align]p4). A pack in alignas() is one after the other, in one place.
    if (gcc_ && !llvm::isa<clang::FieldDecl>(declaration)) {
        const clang::AlignedAttr* last = nullptr;
        const clang::SourceManager& sources = context_.getSourceManager();
        for (auto* one : declaration.specific_attrs<clang::AlignedAttr>()) {
            if (one->getAlignment(context_) == 0) continue;
            if (last == nullptr || !sources.isBeforeInTranslationUnit(one->getLocation(), last->getLocation())) last = one;
        }
        if (last != nullptr) return last->getAlignment(context_) / static_cast<unsigned>(context_.getCharWidth());
    }
    return declaration.getMaxAlignment() / static_cast<unsigned>(context_.getCharWidth());
}

abi::TypeId Translator::builtin(abi::Scalar which, const char* name) {
    return add({.kind = abi::Kind::scalar, .scalar = which, .name = name});
}

abi::TypeId Translator::scalar(const clang::BuiltinType& type) {
    if (auto which = scalar_of(type)) return builtin(*which, type.getName(policy_).str().c_str());
    return unknown(type.getName(policy_).str());
}

abi::TypeId Translator::alias(const clang::TypedefNameDecl& declaration) {
    auto [at, fresh] = declared_.try_emplace(&declaration, abi::TypeId::none);
    if (!fresh) return at->second;
    abi::TypeId target = translate(declaration.getUnderlyingType());
    abi::TypeId made = add({.kind = abi::Kind::alias,
                            .name = name_of(declaration),
                            .target = target,
                            .alignment = alignment_of(declaration),
                            .declared = line_of(declaration)});
    declared_[&declaration] = made;
    return made;
}

abi::TypeId Translator::enumeration(const clang::EnumDecl& declaration) {
    const clang::EnumDecl* definition = declaration.getDefinition();
    const clang::EnumDecl& from = definition != nullptr ? *definition : declaration;
    auto [at, fresh] = declared_.try_emplace(from.getCanonicalDecl(), abi::TypeId::none);
    if (!fresh) return at->second;
    bool shortened = context_.getLangOpts().ShortEnums && !from.isFixed();  // -fshort-enums
    abi::Enumeration made{.fixed = from.isFixed(), .scoped = from.isScoped(), .packed = from.hasAttr<clang::PackedAttr>() || shortened};
    for (const clang::EnumConstantDecl* constant : from.enumerators()) {
        const llvm::APSInt& value = constant->getInitVal();
        if (value.getSignificantBits() > 64 && (!value.isUnsigned() || value.getActiveBits() > 64)) {
            return declared_[from.getCanonicalDecl()] = unknown("enum " + name_of(from) + ", whose values do not fit 64 bits");
        }
        if (value.isNegative()) made.least = std::min(made.least, value.getExtValue());
        else made.greatest = std::max(made.greatest, value.getZExtValue());
    }
    if (definition == nullptr && !from.isFixed()) return declared_[from.getCanonicalDecl()] = unknown("enum " + name_of(from));
    abi::TypeId target = from.isFixed() ? translate(from.getIntegerType()) : abi::TypeId::none;
    abi::TypeId id = out_.types.add({.kind = abi::Kind::enumeration,
                                     .language = language_,
                                     .name = name_of(from),
                                     .target = target,
                                     .alignment = alignment_of(from),
                                     .declared = line_of(from)},
                                    made);
    declared_[from.getCanonicalDecl()] = id;
    return id;
}

abi::TypeId Translator::record_name(const clang::RecordDecl& declaration) {
    const clang::Decl* key = declaration.getCanonicalDecl();
    if (auto at = declared_.find(key); at != declared_.end()) return at->second;
    abi::Record record;
    record.complete = false;
    record.inheritance = inheritance_of(declaration);
    record.kind = declaration.isUnion() ? abi::RecordKind::union_
        : declaration.isClass()         ? abi::RecordKind::class_
                                        : abi::RecordKind::structure;
    abi::TypeId id =
        out_.types.add({.kind = abi::Kind::record, .language = language_, .name = name_of(declaration), .declared = line_of(declaration)},
                       std::move(record));
    declared_[key] = id;
    return id;
}

abi::TypeId Translator::array(const clang::ArrayType& type) {
    abi::Type made{.kind = abi::Kind::array, .target = translate(type.getElementType())};
    if (const auto* constant = llvm::dyn_cast<clang::ConstantArrayType>(&type)) {
        if (constant->getSize().getActiveBits() > 64) return unknown("an array whose size does not fit 64 bits");
        made.count = constant->getSize().getZExtValue();
    } else if (!llvm::isa<clang::IncompleteArrayType>(type)) {
        return unknown("an array whose size is known only when the program runs");
    }
    return add(std::move(made));
}

abi::TypeId Translator::named(clang::QualType type) { return translate(type); }

abi::TypeId Translator::whole(clang::QualType type) {
    abi::TypeId id = translate(type);
    need_whole(type);
    return id;
}

abi::TypeId Translator::translate(clang::QualType type) {
    if (auto at = known_.find(type.getAsOpaquePtr()); at != known_.end()) return at->second;
    if (depth_ >= deepest) {
        return unknown("a type nested too deeply");
    }
    ++depth_;
    abi::TypeId id;
    if (type.hasLocalQualifiers() && type.getLocalQualifiers().hasNonFastQualifiers()) {
        // Address spaces and the like change what a pointer is.
        id = unknown(type.getAsString(policy_));
    } else if (type.hasLocalQualifiers()) {
        clang::Qualifiers qualifiers = type.getLocalQualifiers();
        abi::TypeId target = translate(type.getLocalUnqualifiedType());
        id = add(
            {.kind = abi::Kind::qualified, .target = target, .is_const = qualifiers.hasConst(), .is_volatile = qualifiers.hasVolatile()});
    } else {
        id = desugared(*type.getTypePtr(), type);
    }
    --depth_;
    known_[type.getAsOpaquePtr()] = id;
    return id;
}

abi::TypeId Translator::desugared(const clang::Type& type, clang::QualType full) {
    if (const auto* sugar = llvm::dyn_cast<clang::TypedefType>(&type)) return alias(*sugar->getDecl());
    if (const auto* plain = llvm::dyn_cast<clang::BuiltinType>(&type)) return scalar(*plain);
    if (const auto* bits = llvm::dyn_cast<clang::BitIntType>(&type)) {
        return add({.kind = abi::Kind::scalar,
                    .scalar = bits->isUnsigned() ? abi::Scalar::unsigned_bit_int : abi::Scalar::bit_int,
                    .name = full.getAsString(policy_),
                    .bits = bits->getNumBits()});
    }
    if (const auto* pointer = llvm::dyn_cast<clang::PointerType>(&type)) {
        // __ptr32 and other address spaces change what the pointer is.
        if (pointer->getPointeeType().hasAddressSpace()) return unknown(full.getAsString(policy_));
        abi::TypeId target = translate(pointer->getPointeeType());
        return add({.kind = abi::Kind::pointer, .target = target});
    }
    if (const auto* reference = llvm::dyn_cast<clang::ReferenceType>(&type)) {
        abi::TypeId target = translate(reference->getPointeeType());
        return add({.kind = abi::Kind::reference, .name = full.getAsString(policy_), .target = target});
    }
    if (const auto* member = llvm::dyn_cast<clang::MemberPointerType>(&type)) {
        bool function = member->isMemberFunctionPointer();
        clang::QualType owner(member->getClass(), 0);
        abi::TypeId target = function ? abi::TypeId::none : translate(member->getPointeeType());
        abi::TypeId of = whole(owner);
        return add({.kind = function ? abi::Kind::member_function_pointer : abi::Kind::member_data_pointer,
                    .name = full.getAsString(policy_),
                    .target = target,
                    .owner = of});
    }
    if (const auto* elements = llvm::dyn_cast<clang::ArrayType>(&type)) return array(*elements);
    if (const auto* vector = llvm::dyn_cast<clang::VectorType>(&type)) {
        bool usual = vector->getVectorKind() == clang::VectorKind::Generic || vector->getVectorKind() == clang::VectorKind::Neon;
        // A vector of bool has a bit for each element, and is an integer where it travels.
        if (!usual || vector->isExtVectorBoolType()) {
            return unknown(full.getAsString(policy_));
        }
        abi::TypeId target = translate(vector->getElementType());
        return add({.kind = abi::Kind::vector, .name = full.getAsString(policy_), .target = target, .count = vector->getNumElements()});
    }
    if (const auto* complex = llvm::dyn_cast<clang::ComplexType>(&type)) {
        abi::TypeId target = translate(complex->getElementType());
        return add({.kind = abi::Kind::complex, .name = full.getAsString(policy_), .target = target});
    }
    if (const auto* atomic = llvm::dyn_cast<clang::AtomicType>(&type)) {
        abi::TypeId target = translate(atomic->getValueType());
        return add({.kind = abi::Kind::atomic, .name = full.getAsString(policy_), .target = target});
    }
    if (const auto* tag = llvm::dyn_cast<clang::EnumType>(&type)) return enumeration(*tag->getDecl());
    if (const auto* tag = llvm::dyn_cast<clang::RecordType>(&type)) return record_name(*tag->getDecl());
    // What a pointer to a function points to is never laid out.
    if (llvm::isa<clang::FunctionType>(type))
        return out_.types.add({.kind = abi::Kind::function, .language = language_, .name = full.getAsString(policy_)}, abi::Function{});
    clang::QualType next = full.getSingleStepDesugaredType(context_);
    if (next != full && !type.isDependentType()) return translate(next);
    return unknown(full.getAsString(policy_));
}

void Translator::need_whole(clang::QualType type) {
    for (;;) {
        clang::QualType canonical = type.getCanonicalType();
        if (const auto* elements = context_.getAsArrayType(canonical)) type = elements->getElementType();
        else if (const auto* atomic = canonical->getAs<clang::AtomicType>()) type = atomic->getValueType();
        else if (const auto* tag = canonical->getAs<clang::RecordType>()) return need_whole(*tag->getDecl());
        else return;
    }
}

void Translator::need_whole(const clang::RecordDecl& declaration) {
    if (wanted_.insert(declaration.getCanonicalDecl()).second) waiting_.push_back(&declaration);
}

void Translator::finish() {
    while (!waiting_.empty()) {
        const clang::RecordDecl* next = waiting_.front();
        waiting_.pop_front();
        if (const clang::RecordDecl* definition = next->getDefinition()) fill(*definition);
    }
}

abi::TypeId Translator::id_of(const clang::RecordDecl& record) const {
    auto at = declared_.find(record.getCanonicalDecl());
    return at == declared_.end() ? abi::TypeId::none : at->second;
}

void Translator::add_record(const clang::RecordDecl& record, bool own) {
    abi::TypeId id = record_name(record);
    // An attribute of the typedef is one of the only name such a record has.
    if (const clang::TypedefNameDecl* name = record.getTypedefNameForAnonDecl(); name != nullptr && alignment_of(*name) != 0)
        id = alias(*name);
    if (!own_.insert(record.getCanonicalDecl()).second) return;
    need_whole(record);
    (own ? out_.roots : out_.others).push_back(id);
}

void Translator::add_alias(const clang::TypedefNameDecl& declaration) {
    out_.others.push_back(alias(declaration));
    need_whole(declaration.getUnderlyingType());
}

}  // namespace abiscope::clang_reader
