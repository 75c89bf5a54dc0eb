#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include <clang/AST/Attr.h>
#include <clang/AST/DeclTemplate.h>
#include <clang/Basic/SourceManager.h>
#include <clang/Basic/TargetInfo.h>

#include "clang_module/translator.h"

namespace abiscope::clang_reader {

namespace {

abi::Access access_of(clang::AccessSpecifier access) {
    if (access == clang::AS_private) return abi::Access::private_;
    return access == clang::AS_protected ? abi::Access::protected_ : abi::Access::public_;
}

abi::Declared declared_as(const clang::FunctionDecl& function) {
    // [dcl.fct.def.default]/5: defaulted after its first declaration is user-provided.
    if (function.isDeletedAsWritten()) return abi::Declared::deleted;
    return function.isUserProvided() ? abi::Declared::user_provided : abi::Declared::defaulted;
}

// Of several, S(S&) and S(const S&), the one that means most.
void strengthen(abi::Declared& known, abi::Declared now) { known = std::max(known, now); }

// Where it is told; null for what is no special member.
abi::Declared* place_of(const clang::CXXMethodDecl& method, abi::SpecialMembers& in) {
    if (llvm::isa<clang::CXXDestructorDecl>(method)) return &in.destructor;
    if (const auto* constructor = llvm::dyn_cast<clang::CXXConstructorDecl>(&method)) {
        if (constructor->isDefaultConstructor()) return &in.default_constructor;
        if (constructor->isCopyConstructor()) return &in.copy_constructor;
        return constructor->isMoveConstructor() ? &in.move_constructor : nullptr;
    }
    if (method.isCopyAssignmentOperator()) return &in.copy_assignment;
    return method.isMoveAssignmentOperator() ? &in.move_assignment : nullptr;
}

void add_method(const clang::CXXMethodDecl& method, abi::SpecialMembers& out, std::vector<abi::Declared*>& kept_out) {
    abi::Declared how = declared_as(method);
    abi::Declared* place = place_of(method, out);
    if (place != nullptr && method.isIneligibleOrNotSelected()) {
        if (how == abi::Declared::user_provided) out.ineligible_user_provided = true;
        kept_out.push_back(place);
    } else if (place != nullptr) {
        strengthen(*place, how);
    } else if (llvm::isa<clang::CXXConstructorDecl>(method) && how == abi::Declared::user_provided) {
        out.other_constructor = true;
    }
}

}  // namespace

abi::SpecialMembers special_members(const clang::CXXRecordDecl& declaration) {
    abi::SpecialMembers out;
    std::vector<abi::Declared*> kept_out;
    for (const clang::Decl* member : declaration.decls()) {
        if (member->isImplicit()) continue;
        if (const auto* pattern = llvm::dyn_cast<clang::FunctionTemplateDecl>(member)) {
            if (llvm::isa<clang::CXXConstructorDecl>(pattern->getTemplatedDecl())) out.other_constructor = true;
        } else if (const auto* method = llvm::dyn_cast<clang::CXXMethodDecl>(member)) {
            add_method(*method, out, kept_out);
        } else if (const auto* use = llvm::dyn_cast<clang::UsingDecl>(member)) {
            if (use->getDeclName().getNameKind() == clang::DeclarationName::CXXConstructorName) out.inherited_constructors = true;
        }
    }
    // Where one is declared none is made, and where its constraints keep it out there is none ([class.copy.ctor]/6).
    for (abi::Declared* place : kept_out) {
        if (*place == abi::Declared::implicit) *place = abi::Declared::deleted;
    }
    return out;
}

std::string Translator::signature_of(const clang::CXXMethodDecl& method) const {
    if (llvm::isa<clang::CXXDestructorDecl>(method)) return "~";
    std::string text = method.getDeclName().getAsString() + "(";
    const auto* type = method.getType()->castAs<clang::FunctionProtoType>();
    for (clang::QualType parameter : type->getParamTypes()) {
        if (!text.ends_with('(')) text += ", ";
        text += parameter.getCanonicalType().getUnqualifiedType().getAsString(policy_);
    }
    text += type->isVariadic() ? ", ...)" : ")";
    if (method.isConst()) text += " const";
    if (method.isVolatile()) text += " volatile";
    if (method.getRefQualifier() == clang::RQ_LValue) text += " &";
    if (method.getRefQualifier() == clang::RQ_RValue) text += " &&";
    return text;
}

// The first of these attributes that this record has and clang ignores; empty when there is none. It stands within the record, or between
// its brace and the semicolon.
std::string Translator::attribute_ignored(const clang::RecordDecl& declaration, std::span<const std::string_view> names) const {
    const clang::SourceManager& sources = context_.getSourceManager();
    clang::SourceLocation begin = sources.getFileLoc(declaration.getOuterLocStart());
    clang::SourceLocation brace = sources.getFileLoc(declaration.getBraceRange().getEnd());
    for (const IgnoredAttribute& attribute : ignored_) {
        clang::SourceLocation place = sources.getFileLoc(attribute.place);
        bool wanted = std::ranges::find(names, attribute.name) != names.end();
        if (!wanted || sources.getFileID(place) != sources.getFileID(begin) || sources.getFileID(brace) != sources.getFileID(begin) ||
            place < begin)
            continue;
        if (place < brace) return attribute.name;
        std::string_view between(sources.getCharacterData(brace), sources.getCharacterData(place));
        if (!between.contains(';')) return attribute.name;
    }
    return {};
}

void Translator::attributes(const clang::RecordDecl& declaration, abi::Record& record) {
    static constexpr std::array<std::string_view, 3> of_layouts{"gcc_struct", "ms_struct", "scalar_storage_order"};
    static constexpr std::array<std::string_view, 1> of_calls{"trivial_abi"};
    if (std::string name = attribute_ignored(declaration, of_layouts); !name.empty())
        record.refused = "clang 19, which reads this text, does not know the attribute " + name;
    record.packed = declaration.hasAttr<clang::PackedAttr>();
    record.transparent_union = declaration.hasAttr<clang::TransparentUnionAttr>();
    record.empty_bases = declaration.hasAttr<clang::EmptyBasesAttr>();
    // Where clang drops it, it still has some effect.
    record.trivial_abi = declaration.hasAttr<clang::TrivialABIAttr>() || !attribute_ignored(declaration, of_calls).empty();
    if (const auto* pack = declaration.getAttr<clang::MaxFieldAlignmentAttr>()) {
        record.pack = pack->getAlignment() / static_cast<unsigned>(context_.getCharWidth());
    } else if (context_.getLangOpts().PackStruct != 0) {
        record.pack = context_.getLangOpts().PackStruct;
    }
    if (declaration.hasAttr<clang::AlignMac68kAttr>() || declaration.hasAttr<clang::AlignNaturalAttr>()) {
        record.refused = "#pragma options align is not modelled";
    }
    if (declaration.hasAttr<clang::RandomizeLayoutAttr>()) record.refused = "randomize_layout has no layout anybody could know";
    if (!context_.getTargetInfo().getTriple().isWindowsMSVCEnvironment()) {
        // The default of a Windows target is Microsoft's, of any other GNU's.
        bool microsoft = declaration.isMsStruct(context_), windows = context_.getTargetInfo().getTriple().isOSWindows();
        if (microsoft != windows) record.bit_fields = microsoft ? abi::BitFieldStyle::microsoft : abi::BitFieldStyle::gnu;
    }
}

void Translator::fields(const clang::RecordDecl& declaration, abi::Record& record) {
    for (const clang::FieldDecl* from : declaration.fields()) {
        bool own_place = from->hasAttr<clang::NoUniqueAddressAttr>();
        abi::Field field{.name = from->getNameAsString(), .type = whole(from->getType()), .alignment = alignment_of(*from)};
        if (from->isBitField()) field.bit_width = from->getBitWidthValue(context_);
        field.packed = from->hasAttr<clang::PackedAttr>();
        // clang attaches the attribute only where the target's spelling of it is used.
        field.no_unique_address = field.msvc_no_unique_address = own_place;
        field.has_initializer = from->hasInClassInitializer();
        field.access = access_of(from->getAccess());
        record.fields.push_back(std::move(field));
    }
}

// [expr.prim.lambda.closure]: whether a closure is an aggregate or trivial is for the implementation to say. To GCC, whose captures are
// public members, it is a POD where they are; clang's are private, and without a default constructor it is not trivial.
void Translator::closure(abi::Record& record) const {
    if (gcc_) {
        for (abi::Field& field : record.fields) field.access = abi::Access::public_;
    } else {
        record.special.copy_constructor = abi::Declared::defaulted;
    }
}

void Translator::class_parts(const clang::CXXRecordDecl& declaration, abi::Record& record) {
    for (const clang::CXXBaseSpecifier& base : declaration.bases()) {
        record.bases.push_back(
            {.type = whole(base.getType()), .is_virtual = base.isVirtual(), .access = access_of(base.getAccessSpecifier())});
    }
    for (const clang::CXXMethodDecl* method : declaration.methods()) {
        if (method->isVirtual() && !method->isImplicit())
            record.virtual_functions.push_back({.signature = signature_of(*method), .pure = method->isPureVirtual()});
    }
    record.special = special_members(declaration);
    record.is_final = declaration.hasAttr<clang::FinalAttr>();
    bool own_vtordisp = declaration.hasAttr<clang::MSVtorDispAttr>();
    if (own_vtordisp || context_.getLangOpts().getVtorDispMode() != clang::MSVtorDispMode::ForVBaseOverride) {
        if (declaration.getNumVBases() != 0) record.refused = "/vd and #pragma vtordisp are not modelled";
    }
}

std::optional<abi::Inheritance> inheritance_of(const clang::RecordDecl& declaration) {
    const auto* owner = llvm::dyn_cast<clang::CXXRecordDecl>(&declaration);
    if (owner == nullptr || !owner->getMostRecentDecl()->hasAttr<clang::MSInheritanceAttr>()) return std::nullopt;
    switch (owner->getMostRecentDecl()->getMSInheritanceModel()) {
        case clang::MSInheritanceModel::Single: return abi::Inheritance::single;
        case clang::MSInheritanceModel::Multiple: return abi::Inheritance::multiple;
        case clang::MSInheritanceModel::Virtual: return abi::Inheritance::virtual_;
        case clang::MSInheritanceModel::Unspecified: return abi::Inheritance::unspecified;
    }
    return std::nullopt;
}

void Translator::fill(const clang::RecordDecl& declaration) {
    abi::TypeId id = record_name(declaration);
    if (declaration.isInvalidDecl() || declaration.isDependentType()) {
        out_.types.record(id)->refused = "it has no layout before its template is instantiated";
        return;
    }
    abi::Record record;
    record.kind = out_.types.record(id)->kind;
    attributes(declaration, record);
    record.inheritance = inheritance_of(declaration);
    if (const auto* with_bases = llvm::dyn_cast<clang::CXXRecordDecl>(&declaration)) class_parts(*with_bases, record);
    fields(declaration, record);
    if (const auto* lambda = llvm::dyn_cast<clang::CXXRecordDecl>(&declaration); lambda != nullptr && lambda->isLambda()) closure(record);
    out_.types.at(id).alignment = alignment_of(declaration);
    out_.types.at(id).declared = line_of(declaration);
    *out_.types.record(id) = std::move(record);
    // What was met on the way is there for whoever asks for it by name.
    if (!own_.contains(declaration.getCanonicalDecl()) && !out_.types.at(id).name.empty()) out_.others.push_back(id);
}

}  // namespace abiscope::clang_reader
