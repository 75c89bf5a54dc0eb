// Which structs of C a text gives their members by position: `{1, 2}`, whose meaning hangs on the order of the members.
#pragma once

#include <string>
#include <unordered_map>
#include <unordered_set>

#include <clang/AST/ASTContext.h>
#include <clang/AST/Expr.h>

#include "clang_module/syntax_visitor.h"

namespace abiscope::clang_reader {

class PositionalInitializers : public SyntaxVisitor {
public:
    explicit PositionalInitializers(const clang::ASTContext& context) : sources_(context.getSourceManager()) {}

    void initializer_list(clang::InitListExpr& list) override;

    // By canonical declaration: file and line of the first place.
    std::unordered_map<const clang::Decl*, std::string> places;

private:
    // What a list gives its aggregate by position. A lone 0 means the same in any order: `{0}` is the initialiser of anything.
    enum class Given : std::uint8_t { nothing, lone_zero, members };

    void note_designated(const clang::InitListExpr& written);
    Given given_by(const clang::InitListExpr& meant);
    Given given_by(const clang::Expr* value, bool first);

    const clang::SourceManager& sources_;
    std::unordered_set<const clang::Expr*> designated_;       // what stands behind a designator
    std::unordered_set<const clang::InitListExpr*> done_;     // as written
};

}  // namespace abiscope::clang_reader
