// A walk over clang's syntax tree. clang's own visitor is a template of 1,000 functions: it is instantiated once, behind this.
#pragma once

#include <clang/AST/ASTContext.h>

namespace abiscope::clang_reader {

class SyntaxVisitor {
public:
    virtual ~SyntaxVisitor() = default;

    virtual void record(clang::RecordDecl&) {}
    virtual void function(clang::FunctionDecl&) {}
    virtual void type_name(clang::TypedefNameDecl&) {}
    virtual void initializer_list(clang::InitListExpr&) {}
    virtual void static_assertion(clang::StaticAssertDecl&) {}
    // Any, before what it is made of.
    virtual void expression(clang::Expr&) {}

    // In the order of the text's lines.
    void visit(clang::ASTContext& context, bool template_instantiations);
};

}  // namespace abiscope::clang_reader
