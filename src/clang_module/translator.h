// From clang's syntax tree to the type model of src/abi/type.h: what is declared, with every attribute that moves a byte, and nothing of
// what clang makes of it.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <clang/AST/ASTContext.h>
#include <clang/AST/DeclCXX.h>
#include <clang/AST/PrettyPrinter.h>
#include <clang/AST/Type.h>

#include "source/declarations.h"

namespace abiscope::clang_reader {

// A type the model has no word for becomes Kind::unknown, a record or function with such an attribute is refused: the rest goes on.
// An attribute that clang 19 leaves out with a warning: one that it does not know, or that does not fit.
struct IgnoredAttribute {
    std::string name;
    clang::SourceLocation place;
};

class Translator {
public:
    // `gcc`: what is declared is read as GCC reads it, where that is not how clang does.
    Translator(clang::ASTContext& context, bool gcc, const std::vector<IgnoredAttribute>& ignored, source::Declarations& out);

    // A type by value: records in it are translated whole.
    abi::TypeId whole(clang::QualType type);
    // A type that only a name is needed of: behind a pointer.
    abi::TypeId named(clang::QualType type);

    void add_record(const clang::RecordDecl& record, bool own);
    void add_function(const clang::FunctionDecl& function);
    void refuse_function(const clang::FunctionDecl& function, std::string why);
    // A typedef of a record, as a type that may be asked for by name.
    void add_alias(const clang::TypedefNameDecl& declaration);
    // Translates the records that were met and not yet translated.
    void finish();
    // TypeId::none for a record that was not met.
    [[nodiscard]] abi::TypeId id_of(const clang::RecordDecl& record) const;
    [[nodiscard]] std::string name_of(const clang::NamedDecl& declaration) const;

private:
    abi::TypeId translate(clang::QualType type);
    abi::TypeId desugared(const clang::Type& type, clang::QualType full);
    abi::TypeId scalar(const clang::BuiltinType& type);
    abi::TypeId builtin(abi::Scalar which, const char* name);
    abi::TypeId alias(const clang::TypedefNameDecl& declaration);
    abi::TypeId enumeration(const clang::EnumDecl& declaration);
    abi::TypeId record_name(const clang::RecordDecl& declaration);
    abi::TypeId array(const clang::ArrayType& type);
    abi::TypeId add(abi::Type type);

    void need_whole(clang::QualType type);
    void need_whole(const clang::RecordDecl& declaration);
    void fill(const clang::RecordDecl& declaration);
    void attributes(const clang::RecordDecl& declaration, abi::Record& record);
    void fields(const clang::RecordDecl& declaration, abi::Record& record);
    void closure(abi::Record& record) const;
    void class_parts(const clang::CXXRecordDecl& declaration, abi::Record& record);

    [[nodiscard]] std::string attribute_ignored(const clang::RecordDecl& declaration, std::span<const std::string_view> names) const;
    abi::TypeId unknown(const std::string& why);
    [[nodiscard]] abi::SourceLine line_of(const clang::Decl& declaration) const;
    [[nodiscard]] std::string signature_of(const clang::CXXMethodDecl& method) const;
    [[nodiscard]] std::uint32_t alignment_of(const clang::Decl& declaration) const;

    clang::ASTContext& context_;
    bool gcc_;
    const std::vector<IgnoredAttribute>& ignored_;
    source::Declarations& out_;
    clang::PrintingPolicy policy_;
    abi::Language language_;
    std::unordered_map<void*, abi::TypeId> known_;                              // by QualType
    std::unordered_map<const clang::Decl*, abi::TypeId> declared_;              // canonical records, enumerations; typedefs
    std::unordered_set<const clang::Decl*> wanted_;                             // canonical records that are to be whole
    std::unordered_set<const clang::Decl*> own_;
    std::deque<const clang::RecordDecl*> waiting_;
    unsigned depth_ = 0;
};

// What Microsoft's compilers know of pointers to members of the class at the end of the text; nothing where they met none.
[[nodiscard]] std::optional<abi::Inheritance> inheritance_of(const clang::RecordDecl& declaration);

// How each special member is declared.
[[nodiscard]] abi::SpecialMembers special_members(const clang::CXXRecordDecl& declaration);

}  // namespace abiscope::clang_reader
