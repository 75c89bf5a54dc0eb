// What in a text of C relies on the places of a struct's members beside its initialisers: casts between pointers to structs, offsets,
// assertions, unions whose members begin alike.
#pragma once

#include <string>
#include <unordered_map>
#include <unordered_set>

#include <clang/AST/ASTContext.h>
#include <clang/AST/Expr.h>

#include "clang_module/syntax_visitor.h"

namespace abiscope::clang_reader {

class OrderReliance : public SyntaxVisitor {
public:
    explicit OrderReliance(const clang::ASTContext& context) : context_(context), sources_(context.getSourceManager()) {}

    void record(clang::RecordDecl& record) override;
    void expression(clang::Expr& expression) override;
    void static_assertion(clang::StaticAssertDecl& assertion) override;

    // By canonical declaration: the first place and what stands there.
    std::unordered_map<const clang::Decl*, std::string> reasons;

private:
    struct Use {
        clang::SourceLocation place;
        std::string what;
    };
    using Known = std::unordered_map<const clang::RecordDecl*, bool>;   // whether the way was found there

    void cast(const clang::CastExpr& cast);
    void operation(const clang::BinaryOperator& operation);
    void offset_of(const clang::OffsetOfExpr& offset);
    void offset_from_null(const clang::UnaryOperator& address);
    void asserted(const clang::Stmt& condition, clang::SourceLocation place);
    void compared_size(const clang::Expr& operand, const clang::Expr& other, clang::SourceLocation place);

    void note(const clang::RecordDecl& record, clang::SourceLocation place, const std::string& what);
    void note_with_parts(clang::QualType type, clang::SourceLocation place, const std::string& what);
    bool note_way_to(const clang::RecordDecl& from, const clang::RecordDecl* to, const Use& use, Known& known);

    const clang::ASTContext& context_;
    const clang::SourceManager& sources_;
    // `(char *)p - offsetof(struct s, m)`: the way back from a member to its struct is found anew in any order.
    std::unordered_set<const clang::Expr*> way_back_;
    std::unordered_set<const clang::RecordDecl*> with_parts_;   // done
};

}  // namespace abiscope::clang_reader
