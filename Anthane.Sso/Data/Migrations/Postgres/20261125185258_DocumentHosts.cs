using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Anthane.Sso.Data.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class DocumentHosts : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "BlockedDocumentHosts",
                columns: table => new
                {
                    Host = table.Column<string>(type: "text", nullable: false),
                    BlockedAt = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_BlockedDocumentHosts", x => x.Host);
                });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "BlockedDocumentHosts");
        }
    }
}
